import type { Fleet, LiveProcess } from '../store/postgres/process-rows.ts';
import { leaderUnit } from '../store/postgres/unit-names.ts';

/** Time for which a process leaves a free unit to one that has fewer, for each one that it has more, ms. */
const LEAVE_MS = 1_500;
/** The same for a process with an older configuration while one with a newer one is there, ms. */
const LEAVE_TO_NEWER_MS = 4_000;
/** Shortest time for which a unit is kept before it is handed over to spread the work, ms. */
const KEEP_MS = 10_000;
/** Smallest difference in the number of units at which one is handed over: less would go to and fro. */
const APART = 2;

/** All that a process knows when it decides. Times are those that it has measured by itself. */
export interface Situation {
  /** The id of this process. */
  readonly me: string;
  /** The units of its configuration, the leader first. */
  readonly units: readonly string[];
  readonly fleet: Fleet;
  /** Time for which each unit has been free, as far as this process has seen, ms. */
  readonly freeForMs: ReadonlyMap<string, number>;
  /** Time for which this process has had its units, ms. */
  readonly heldForMs: ReadonlyMap<string, number>;
}

/** `take`: tries to take a unit; `handOver`: lets another process take one. */
export type Decision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'take'; readonly unit: string }
  | { readonly kind: 'handOver'; readonly unit: string };

const nothing: Decision = { kind: 'nothing' };

/** Decides what a process does about the units of work. Pure. */
export function decideUnits(situation: Situation): Decision {
  const { me, units, fleet, freeForMs } = situation;
  const { processes } = fleet;
  const own = processes.find(({ id }) => id === me);
  if (own === undefined || mustWait(own, fleet)) return nothing;
  const loads = loadsOf(fleet);
  const load = loads.get(me) ?? 0;
  const newest = Math.max(...processes.map(({ configAt }) => configAt));
  const isOld = own.configAt < newest;
  const fewest = Math.min(
    load,
    ...processes.filter(({ configAt }) => configAt === newest).map(({ id }) => loads.get(id) ?? 0),
  );
  const leaveMs = (load - fewest) * LEAVE_MS + (isOld ? LEAVE_TO_NEWER_MS : 0);
  // The leader updates the schema, alone.
  const mayTake = (unit: string) => unit === leaderUnit || fleet.schema === own.schema;
  const free = units.filter((unit) => freeForMs.has(unit) && mayTake(unit));
  const taken = free.find((unit) => (freeForMs.get(unit) ?? 0) >= leaveMs);
  if (taken !== undefined) return { kind: 'take', unit: taken };
  return free.length > 0 ? nothing : handOver(situation, own, loads);
}

/** Returns true while processes of an older version work on an older schema, which must not change under them. */
function mustWait(own: LiveProcess, { processes, leases }: Fleet): boolean {
  const holders = new Set(leases.filter(({ freeForMs }) => freeForMs === null).map(({ owner }) => owner));
  return processes.some(({ id, schema }) => holders.has(id) && schema < own.schema);
}

function loadsOf({ leases }: Fleet): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  for (const { owner, freeForMs } of leases) if (freeForMs === null) loads.set(owner, (loads.get(owner) ?? 0) + 1);
  return loads;
}

/** Hands a unit over if this process has more than any other, and one with the same configuration has at least two fewer. */
function handOver({ fleet, heldForMs }: Situation, own: LiveProcess, loads: ReadonlyMap<string, number>): Decision {
  const load = loads.get(own.id) ?? 0;
  const others = fleet.processes.filter(({ id }) => id !== own.id);
  const isLighter = ({ id, config, schema }: LiveProcess) =>
    config === own.config && schema === own.schema && (loads.get(id) ?? 0) <= load - APART;
  const comesFirst = ({ id }: LiveProcess) => {
    const theirs = loads.get(id) ?? 0;
    return theirs > load || (theirs === load && id < own.id);
  };
  if (!others.some(isLighter) || others.some(comesFirst)) return nothing;
  // A change of the leader is a gap in what the source sends.
  const givable = [...heldForMs].filter(([unit, forMs]) => unit !== leaderUnit && forMs >= KEEP_MS);
  const [unit] = givable.at(-1) ?? [];
  return unit === undefined ? nothing : { kind: 'handOver', unit };
}

import type { Fleet, LiveProcess } from '../store/postgres/process-rows.ts';
import { leaderUnit } from '../store/postgres/unit-names.ts';
import { shardOfUnit } from './units.ts';

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
  const newest = Math.max(...processes.map(({ configAt }) => configAt));
  /** Time for which a free unit of a kind is left to others. */
  const leaveMs = (kind: Kind) => {
    const loads = loadsOf(fleet, kind);
    const load = loads.get(me) ?? 0;
    const others = processes.filter(({ configAt }) => configAt === newest).map(({ id }) => loads.get(id) ?? 0);
    return (load - Math.min(load, ...others)) * LEAVE_MS + (own.configAt < newest ? LEAVE_TO_NEWER_MS : 0);
  };
  // The leader updates the schema, alone.
  const mayTake = (unit: string) => unit === leaderUnit || fleet.schema === own.schema;
  const free = units.filter((unit) => freeForMs.has(unit) && mayTake(unit));
  const leave = { shard: leaveMs('shard'), other: leaveMs('other') };
  const taken = free.find((unit) => (freeForMs.get(unit) ?? 0) >= leave[kindOf(unit)]);
  if (taken !== undefined) return { kind: 'take', unit: taken };
  if (free.length > 0) return nothing;
  const given = handOver(situation, own, 'other') ?? handOver(situation, own, 'shard');
  return given === null ? nothing : { kind: 'handOver', unit: given };
}

/** Returns true while processes of an older version work on an older schema, which must not change under them. */
function mustWait(own: LiveProcess, { processes, leases }: Fleet): boolean {
  const holders = new Set(leases.filter(({ freeForMs }) => freeForMs === null).map(({ owner }) => owner));
  return processes.some(({ id, schema }) => holders.has(id) && schema < own.schema);
}

/** Shards are spread by themselves: one costs little beside an account with its rooms. */
type Kind = 'shard' | 'other';

const kindOf = (unit: string): Kind => (shardOfUnit(unit) === null ? 'other' : 'shard');

function loadsOf({ leases }: Fleet, kind: Kind): ReadonlyMap<string, number> {
  const loads = new Map<string, number>();
  for (const { unit, owner, freeForMs } of leases)
    if (freeForMs === null && kindOf(unit) === kind) loads.set(owner, (loads.get(owner) ?? 0) + 1);
  return loads;
}

/**
 * Returns a unit of a kind to hand over, if this process has more of them than any other, and one with the same configuration has at least
 * two fewer; null: none.
 */
function handOver({ fleet, heldForMs }: Situation, own: LiveProcess, kind: Kind): string | null {
  const loads = loadsOf(fleet, kind);
  const load = loads.get(own.id) ?? 0;
  const others = fleet.processes.filter(({ id }) => id !== own.id);
  const isLighter = ({ id, config, schema }: LiveProcess) =>
    config === own.config && schema === own.schema && (loads.get(id) ?? 0) <= load - APART;
  const comesFirst = ({ id }: LiveProcess) => {
    const theirs = loads.get(id) ?? 0;
    return theirs > load || (theirs === load && id < own.id);
  };
  if (!others.some(isLighter) || others.some(comesFirst)) return null;
  // A change of the leader is a gap in what the source sends.
  const givable = [...heldForMs].filter(
    ([unit, forMs]) => unit !== leaderUnit && kindOf(unit) === kind && forMs >= KEEP_MS,
  );
  const [unit] = givable.at(-1) ?? [];
  return unit ?? null;
}

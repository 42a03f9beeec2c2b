import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ChatProxy, type LeftRequest, startChatProxy } from './chat-proxy.ts';
import { type DatabaseProxy, startDatabaseProxy } from './database-proxy.ts';
import { type LookoutProcess, type OneProcess, startLookoutProcess } from './lookout-process.ts';
import { createTakeovers, type Takeovers } from './takeovers.ts';
import type { HandOver, TrialDatabase } from './trial-store.ts';

/** Time for which a harness that is busy may read a request after it left, ms. */
const readLateMs = 250;
/** Delay between the reloads of two processes, ms. */
const rollMs = 300;

/** One process on a machine of its own: with its own clock, and its own connections to the database and to the chats. */
export interface Machine {
  readonly name: string;
  readonly process: OneProcess;
  readonly database: DatabaseProxy;
  /** Sends SIGSTOP, and SIGCONT after a time, ms. */
  sleep(forMs: number): void;
  /** Does the same when its next request has left, or its next transaction is committed, before the answer arrives. */
  sleepAfterNext(what: 'request' | 'commit', forMs: number): void;
  /** Sets its clock by a leap, or right again. */
  setClock(to: 'back' | 'ahead' | 'right'): void;
}

/** Several processes with one configuration on one database, which share the units of the work. */
export interface Machines extends LookoutProcess {
  readonly all: readonly Machine[];
  /** The machine that began to work on a unit last; null: none has. */
  worker(): Machine | null;
  /** The units that a machine has. */
  unitsOf(machine: Machine): readonly string[];
  readonly takeovers: Takeovers;
  /** The reasons of the processes that ended by themselves. */
  ownEnds(): readonly string[];
  /** Describes the requests that left a process while another one had the lease. */
  leftWithoutLease(): Promise<readonly string[]>;
  /** Ends all faults of the machines that last. */
  heal(): void;
  stop(): Promise<void>;
}

export interface MachinesOptions {
  readonly directory: string;
  readonly count: number;
  readonly database: TrialDatabase;
  readonly args: readonly string[];
  readonly env: () => NodeJS.ProcessEnv;
  /** Returns the unit that a request to a port belongs to. */
  readonly unitOf: (port: number) => string;
  readonly say: (line: string) => void;
}

export async function startMachines(options: MachinesOptions): Promise<Machines> {
  const { directory, count, database, args, env, unitOf, say } = options;
  const takeovers = createTakeovers();
  const requests: (LeftRequest & { readonly machine: string })[] = [];
  /** The leases that each machine had: `<unit> <epoch>`. */
  const epochs = new Map<string, Set<string>>();
  const holders = new Map<string, Machine>();
  const unitsOf = (machine: Machine) => [...holders].flatMap(([unit, holder]) => (holder === machine ? unit : []));
  const timers = new Set<NodeJS.Timeout>();
  const all: Machine[] = [];
  const proxies: ChatProxy[] = [];
  let worker: Machine | null = null;
  const ownEnds: string[] = [];

  async function startOne(name: string): Promise<void> {
    const held = new Set<string>();
    epochs.set(name, held);
    let onRequest: (() => void) | null = null;
    const chats = await startChatProxy((request) => {
      requests.push({ ...request, machine: name });
      onRequest?.();
      onRequest = null;
    });
    proxies.push(chats);
    const proxy = await startDatabaseProxy(database.server.address(database.name).port);
    const clock = join(directory, `clock-${name}`);
    const setClock = (leaps: number) => writeFileSync(clock, String(leaps));
    setClock(0);
    const url = database.server.url(database.name).replace(/:\d+\//, `:${proxy.port}/`);
    let reason: string | null = null;
    const onLine = (line: string) => {
      say(`${name} ${line}`);
      reason = /^--- cannot go on: (.*)$/.exec(line)?.[1] ?? reason;
      const [, lease] = /^--- holds the lease (.+ \d+)$/.exec(line) ?? [];
      if (lease !== undefined) held.add(lease);
      const [, unit] = /^--- works on (.+)$/.exec(line) ?? [];
      if (unit === undefined) return;
      worker = machine;
      holders.set(unit, machine);
      takeovers.began(unit);
    };
    const process = startLookoutProcess({
      ...{ directory, args, onLine },
      env: () => ({ ...env(), LOOKOUT_STORE: url, CHAOS_PROXY: chats.url, CHAOS_CLOCK: clock }),
      onOwnEnd(code) {
        ownEnds.push(reason ?? `no reason, exit code ${code}`);
        reason = null;
      },
    });
    const sleep = (forMs: number) => {
      say(`--- ${name} sleeps for ${forMs} ms`);
      takeovers.struck(unitsOf(machine));
      process.signal('SIGSTOP');
      timers.add(
        setTimeout(() => {
          say(`--- ${name} wakes`);
          process.signal('SIGCONT');
          takeovers.healed();
        }, forMs),
      );
    };
    const machine: Machine = {
      ...{ name, process, database: proxy, sleep },
      sleepAfterNext(what, forMs) {
        const now = () => sleep(forMs);
        if (what === 'request') onRequest = now;
        else proxy.onNextCommit(now);
      },
      setClock: (to) => setClock(to === 'right' ? 0 : to === 'back' ? -1 : 1),
    };
    all.push(machine);
  }
  for (let at = 1; at <= count; at++) await startOne(`process${at}`);

  const each = (work: (machine: Machine) => Promise<void> | void) => Promise.all(all.map(work));
  return {
    all,
    worker: () => worker,
    unitsOf,
    takeovers,
    ownEnds: () => ownEnds,
    async kill(pauseMs, meanwhile) {
      takeovers.forget();
      const { promise: allDown, resolve } = Promise.withResolvers<void>();
      let down = 0;
      const begun = Promise.withResolvers<void>();
      const killed = each(({ process }) =>
        process.kill(pauseMs, async () => {
          if (++down === all.length) resolve();
          await begun.promise;
        }),
      );
      await allDown;
      await meanwhile();
      begun.resolve();
      await killed;
    },
    async end(signal) {
      await each(({ process }) => process.end(signal));
    },
    reload() {
      void (async () => {
        for (const { process } of all) {
          process.reload();
          await pause(rollMs);
        }
      })();
    },
    async leftWithoutLease() {
      const handOvers = await database.handOvers();
      return requests.flatMap(({ machine, line, port, at }) => {
        const unit = unitOf(port);
        const ofUnit = handOvers.filter((one) => one.unit === unit);
        const leases = [epochAt(ofUnit, at), epochAt(ofUnit, at - readLateMs)].map((epoch) => `${unit} ${epoch}`);
        const isHeld = leases.some((lease) => epochs.get(machine)?.has(lease));
        return isHeld ? [] : [`${machine}: ${line} at ${at} under the lease ${leases[0]}`];
      });
    },
    heal() {
      for (const timer of timers) clearTimeout(timer);
      for (const { process, database, setClock } of all) {
        process.signal('SIGCONT');
        database.heal();
        setClock('right');
      }
    },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await each(({ process }) => process.end('SIGKILL'));
      await Promise.all([...proxies, ...all.map(({ database }) => database)].map((proxy) => proxy.stop()));
    },
  };
}

/** Returns the epoch that held at a time, Unix milliseconds. */
function epochAt(handOvers: readonly HandOver[], at: number): number {
  return handOvers.findLast((one) => one.at <= at)?.epoch ?? 0;
}

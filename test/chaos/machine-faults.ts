import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../e2e/support/random.ts';
import { toSends, type Victims } from './faults.ts';
import type { Machine, Machines } from './machines.ts';
import type { TrialDatabase } from './trial-store.ts';

/** The operations that a fault of several processes can use. */
export interface MachineVictims {
  readonly machines: Machines;
  readonly database: TrialDatabase;
  readonly victims: Victims;
}

interface MachineFault {
  readonly kind: string;
  inject(victims: MachineVictims, random: Random): Promise<void> | void;
}

/** The one that began to work last more often than another. */
function one({ all, worker }: Machines, random: Random): Machine {
  const works = worker();
  return works !== null && random.chance(75) ? works : random.pick(all);
}

/** From a short pause to twice the length of a lease, ms. */
const sleepMs = (random: Random) => 200 + random.integer(11_800);

/** Strikes the connections of one process to the database. */
function network(
  strike: (machine: Machine, random: Random) => number,
): (victims: MachineVictims, random: Random) => void {
  return ({ machines }, random) => {
    const machine = one(machines, random);
    machines.takeovers.struck(machines.unitsOf(machine));
    const forMs = strike(machine, random);
    setTimeout(() => machines.takeovers.healed(), forMs).unref();
  };
}

/** The faults of several processes on one database. Those of `faults` strike all of them at once. */
export const machineFaults: readonly MachineFault[] = [
  {
    kind: 'SIGKILL of one process',
    inject({ machines }, random) {
      const machine = one(machines, random);
      machines.takeovers.struck(machines.unitsOf(machine));
      void machine.process.restart('SIGKILL', random.integer(5_000));
    },
  },
  {
    kind: 'SIGTERM of one process',
    inject({ machines }, random) {
      const machine = one(machines, random);
      machines.takeovers.struck(machines.unitsOf(machine));
      void machine.process.restart('SIGTERM', random.integer(3_000));
    },
  },
  {
    kind: 'SIGSTOP of one process',
    inject: ({ machines }, random) => one(machines, random).sleep(sleepMs(random)),
  },
  {
    kind: 'SIGSTOP while a send has no answer',
    inject({ machines, victims }, random) {
      toSends(
        victims,
        random,
        random.pick([
          { status: 429, headers: { 'retry-after': '1' }, body: { message: 'Too many.', retry_after: 1, code: 0 } },
          { status: 503, body: 'Bad gateway', done: true },
          { lost: 'done' },
          { lost: 'before' },
        ] as const),
      );
      machines.worker()?.sleepAfterNext('request', 5_000 + random.integer(7_000));
    },
  },
  {
    kind: 'SIGSTOP while a transaction is committed',
    inject: ({ machines }, random) => machines.worker()?.sleepAfterNext('commit', 5_000 + random.integer(7_000)),
  },
  {
    kind: 'database cut off from one process',
    inject: network((machine) => {
      machine.database.cut();
      return 0;
    }),
  },
  {
    kind: 'database silent for one process',
    inject: network((machine, random) => {
      const forMs = sleepMs(random);
      machine.database.freeze(forMs);
      return forMs;
    }),
  },
  {
    kind: 'database refuses one process',
    inject: network((machine, random) => {
      const forMs = sleepMs(random);
      machine.database.refuse(forMs);
      return forMs;
    }),
  },
  {
    kind: 'database slow for one process',
    inject: network((machine, random) => {
      const forMs = 1_000 + random.integer(5_000);
      machine.database.slow(forMs, 20 + random.integer(300));
      return forMs;
    }),
  },
  {
    kind: 'database server restarted',
    async inject({ machines, database }) {
      machines.takeovers.struck([]);
      await database.server.restart('fast');
    },
  },
  {
    kind: 'database server crashed',
    async inject({ machines, database }) {
      machines.takeovers.struck([]);
      await database.server.restart('immediate');
    },
  },
  {
    kind: 'clocks of the machines apart',
    inject({ machines }, random) {
      for (const { setClock } of machines.all) setClock(random.pick(['back', 'ahead', 'right']));
    },
  },
  {
    kind: 'rolling change of the configuration',
    async inject({ machines, victims }, random) {
      await victims.reload(random);
      // Strikes one of them in the middle of it, now and then.
      if (!random.chance(50)) return;
      await pause(random.integer(600));
      const machine = one(machines, random);
      machines.takeovers.struck(machines.unitsOf(machine));
      void machine.process.restart('SIGTERM', random.integer(1_000));
    },
  },
];

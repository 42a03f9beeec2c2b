import { randomBytes } from 'node:crypto';
import { type Safeguards, safeguards } from '../../src/app/safeguards.ts';
import { decide } from '../../src/outbox/rules/decide.ts';
import { beginWith } from '../../src/store/postgres/commit.ts';
import type { Lease } from '../../src/store/postgres/lease.ts';

/**
 * The safeguards that can be left out. `backfill` is not a part of the code: the configuration does not name the API. `fence`:
 * see `leaseWithout`.
 */
const without = {
  identify: { identify: () => ({ key: randomBytes(8).toString('hex'), forgetAfterMs: null }) },
  inOrder: { inOrder: (waiting) => [...waiting].sort((a, b) => a.arrival - b.arrival) },
  awaitPostUntil: { awaitPostUntil: () => null },
  mintKey: { mintKey: () => 'the-same-key-for-every' },
  keyProtects: { keyProtects: () => true },
  stateWith: { stateWith: () => null },
  decide: {
    decide(result, send) {
      const transition = decide(result, send);
      // Treats a missing answer as a refusal.
      return transition.step.kind === 'repeat'
        ? { ...transition, step: { kind: 'planAnew', waitMs: null } }
        : transition;
    },
  },
  backfill: {},
  fence: {},
} satisfies Record<string, Partial<Safeguards>>;

export type Switch = keyof typeof without;

export const switches = Object.keys(without) as Switch[];

/** Returns Lookout's safeguards without one. */
export function safeguardsWithout(name: Switch | null): Safeguards {
  return name === null ? safeguards : { ...safeguards, ...without[name] };
}

/** Returns a lease without the fence around it: a process that had the lease once works on. */
export function leaseWithout(name: Switch | null, lease: Lease): Lease {
  if (name !== 'fence') return lease;
  const begin: Lease['begin'] = (connection) => beginWith(connection);
  return { ...lease, begin, confirm: async () => {}, isHeld: () => true, lost: new Promise(() => {}) };
}

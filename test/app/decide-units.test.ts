import { describe, expect, it } from 'vitest';
import { decideUnits, type Situation } from '../../src/app/decide-units.ts';
import type { LeaseOfUnit, LiveProcess } from '../../src/store/postgres/process-rows.ts';
import { createRandom } from '../e2e/support/random.ts';

const schema = '0031';

function live(id: string, more: Partial<LiveProcess> = {}): LiveProcess {
  return { id, name: `host:${id}`, version: '1', schema, config: 'c1', configAt: 0, ...more };
}

const lease = (unit: string, owner: string, freeForMs: number | null = null): LeaseOfUnit => ({
  ...{ unit, owner, freeForMs },
  holder: `host:${owner}`,
  facts: null,
});

function situation(me: string, more: Partial<Situation> & { leases?: LeaseOfUnit[]; processes?: LiveProcess[] }) {
  const { leases = [], processes = [live(me)], ...rest } = more;
  return {
    me,
    units: ['leader', 'account:a', 'account:b'],
    fleet: { schema, leases, processes },
    freeForMs: new Map(),
    heldForMs: new Map(),
    ...rest,
  };
}

describe('a process decides', () => {
  it('to take a free unit at once if none has fewer', () => {
    const free = new Map([['account:a', 0]]);
    expect(decideUnits(situation('p', { freeForMs: free }))).toEqual({ kind: 'take', unit: 'account:a' });
  });

  it('to leave a free unit to a process with fewer, for a while', () => {
    const parts = { leases: [lease('leader', 'p')], processes: [live('p'), live('q')] };
    const after = (ms: number) => decideUnits(situation('p', { ...parts, freeForMs: new Map([['account:a', ms]]) }));
    expect(after(1_000)).toEqual({ kind: 'nothing' });
    expect(after(1_500)).toEqual({ kind: 'take', unit: 'account:a' });
  });

  it('to leave a free unit longer to a process with a newer configuration', () => {
    const processes = [live('p'), live('q', { config: 'c2', configAt: 5 })];
    const after = (ms: number) => decideUnits(situation('p', { processes, freeForMs: new Map([['leader', ms]]) }));
    expect(after(3_999)).toEqual({ kind: 'nothing' });
    expect(after(4_000)).toEqual({ kind: 'take', unit: 'leader' });
  });

  it('about shards apart from the rest, of which each costs more', () => {
    const [first, second] = ['account:a/shard 1 of 3', 'account:a/shard 2 of 3'];
    const shards = { units: ['leader', 'account:a', first, second], processes: [live('p'), live('q')] };
    const busy = { ...shards, leases: [lease('leader', 'p'), lease('account:a', 'p')] };
    // It has more of the rest, and no fewer shards.
    expect(decideUnits(situation('p', { ...busy, freeForMs: new Map([[first, 0]]) }))).toEqual({
      kind: 'take',
      unit: first,
    });
    const more = { ...shards, leases: [lease('leader', 'q'), lease('account:a', 'q'), lease(first, 'p')] };
    const after = (ms: number) => decideUnits(situation('p', { ...more, freeForMs: new Map([[second, ms]]) }));
    expect([after(0).kind, after(1_500).kind]).toEqual(['nothing', 'take']);
    const heldForMs = new Map([first, second].map((unit) => [unit, 10_000]));
    const leases = [lease('leader', 'q'), lease('account:a', 'q'), lease(first, 'p'), lease(second, 'p')];
    expect(decideUnits(situation('p', { ...shards, leases, heldForMs }))).toEqual({ kind: 'handOver', unit: second });
  });

  it('to take nothing while an older version works on an older schema', () => {
    const processes = [live('p', { schema: '0032' }), live('q')];
    const freeForMs = new Map([['account:a', 60_000]]);
    expect(decideUnits(situation('p', { processes, leases: [lease('leader', 'q')], freeForMs }))).toEqual({
      kind: 'nothing',
    });
  });

  it('to take the leader first on a database without a schema, since it makes the tables', () => {
    const freeForMs = new Map([
      ['account:a', 0],
      ['leader', 0],
    ]);
    const one = situation('p', { freeForMs });
    const fresh = { ...one, fleet: { ...one.fleet, schema: null } };
    expect(decideUnits(fresh)).toEqual({ kind: 'take', unit: 'leader' });
    expect(decideUnits({ ...fresh, freeForMs: new Map([['account:a', 0]]) })).toEqual({ kind: 'nothing' });
  });

  it('to hand over an account, not the leader, when another one has two fewer', () => {
    const parts = {
      leases: [lease('leader', 'p'), lease('account:a', 'p')],
      processes: [live('p'), live('q')],
      heldForMs: new Map([
        ['leader', 60_000],
        ['account:a', 10_000],
      ]),
    };
    expect(decideUnits(situation('p', parts))).toEqual({ kind: 'handOver', unit: 'account:a' });
    const young = new Map([...parts.heldForMs, ['account:a', 9_999]] as const);
    expect(decideUnits(situation('p', { ...parts, heldForMs: young }))).toEqual({ kind: 'nothing' });
  });

  it('to hand nothing over to a process with another configuration', () => {
    const parts = {
      leases: [lease('leader', 'p'), lease('account:a', 'p')],
      processes: [live('p'), live('q', { config: 'c2', configAt: 5 })],
      heldForMs: new Map([['account:a', 60_000]]),
    };
    expect(decideUnits(situation('p', parts))).toEqual({ kind: 'nothing' });
  });
});

/** Processes that look once a second, each at its own moment. Their clock is the number of steps of 100 ms. */
class Fleet {
  readonly units: readonly string[];
  readonly hands: string[] = [];
  readonly #leases = new Map<string, { owner: string; since: number; until: number }>();
  readonly #processes = new Map<string, { readonly phase: number; readonly freeSince: Map<string, number> }>();
  #step = 0;
  #made = 0;

  constructor(accounts: number) {
    this.units = ['leader', ...Array.from({ length: accounts }, (_, at) => `account:${at}`)];
  }

  start(phase: number): void {
    this.#processes.set(`p${++this.#made}`, { phase, freeSince: new Map() });
  }

  /** It ends without a word: its leases are over after six seconds. */
  kill(at: number): void {
    const [id = ''] = [...this.#processes.keys()].slice(at);
    this.#processes.delete(id);
  }

  get size(): number {
    return this.#processes.size;
  }

  /** The numbers of units of the processes, in order. */
  get loads(): readonly number[] {
    const held = [...this.#leases.values()].map(({ owner }) => owner);
    return [...this.#processes.keys()].map((id) => held.filter((one) => one === id).length).toSorted();
  }

  get areAllHeld(): boolean {
    return this.units.every((unit) => this.#processes.has(this.#leases.get(unit)?.owner ?? ''));
  }

  run(ms: number): void {
    for (const until = this.#step + ms / 100; this.#step < until; this.#step++)
      for (const [id, { phase }] of this.#processes) if (this.#step % 10 === phase) this.#look(id);
  }

  #look(id: string): void {
    const now = this.#step * 100;
    const { freeSince } = this.#processes.get(id)!;
    for (const one of this.#leases.values()) if (one.owner === id && one.until > now) one.until = now + 6_000;
    const held = [...this.#leases].filter(([, { until }]) => until > now);
    const taken = new Set(held.map(([unit]) => unit));
    for (const unit of this.units)
      if (taken.has(unit)) freeSince.delete(unit);
      else if (!freeSince.has(unit)) freeSince.set(unit, now);
    const decision = decideUnits({
      me: id,
      units: this.units,
      fleet: {
        schema,
        processes: [...this.#processes.keys()].map((one) => live(one)),
        leases: held.map(([unit, { owner }]) => lease(unit, owner)),
      },
      freeForMs: new Map([...freeSince].map(([unit, since]) => [unit, now - since])),
      heldForMs: new Map(held.flatMap(([unit, { owner, since }]) => (owner === id ? [[unit, now - since]] : []))),
    });
    if (decision.kind === 'nothing') return;
    this.hands.push(`${now} ${id} ${decision.kind} ${decision.unit}`);
    if (decision.kind === 'handOver') return void this.#leases.delete(decision.unit);
    this.#leases.set(decision.unit, { owner: id, since: now, until: now + 6_000 });
    freeSince.delete(decision.unit);
    this.#look(id);
  }
}

describe('many processes together', () => {
  const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

  it(`spread the units, and then nothing changes hands (FUZZ_SEED=${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < 60; round++) {
      const fleet = new Fleet(1 + random.integer(7));
      fleet.start(random.integer(10));
      for (let change = 0; change < 6; change++) {
        if (fleet.size > 1 && random.chance(40)) fleet.kill(random.integer(fleet.size));
        else fleet.start(random.integer(10));
        // A takeover after a crash takes less than ten seconds.
        fleet.run(10_000);
        expect(fleet.areAllHeld, `round ${round}: ${fleet.hands.join(', ')}`).toBe(true);
        if (random.chance(50)) continue;
        fleet.run(120_000);
        const before = fleet.hands.length;
        fleet.run(120_000);
        expect(fleet.hands.slice(before), `round ${round}: ${fleet.hands.join(', ')}`).toEqual([]);
        const { loads } = fleet;
        expect(loads.at(-1)! - loads[0]!, `round ${round}: ${loads.join(', ')}`).toBeLessThan(2);
      }
    }
  });
});

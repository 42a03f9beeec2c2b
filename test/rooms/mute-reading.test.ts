import { setImmediate } from 'node:timers/promises';
import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely';
import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import type { ActiveMute } from '../../src/rooms/active-mute.ts';
import { createMutes } from '../../src/rooms/mutes.ts';
import type { Tables } from '../../src/store/tables.ts';

const catalogue = createCatalogue();

const mute = (id: number, roomId = id): ActiveMute & { readonly account: string } => ({
  ...{ id, roomId, events: null, where: null, except: null, until: 1_000 + id, author: 'x', reason: null },
  account: 'matrix',
});

/** Mutes over a store with several connections, whose answers are in the hand of the test. */
function createRig(answer: (query: CompiledQuery) => Promise<readonly ActiveMute[]>) {
  const asked: CompiledQuery[] = [];
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery) {
      asked.push(query);
      return { rows: (await answer(query)) as unknown as R[] };
    },
    streamQuery: () => {
      throw new Error('nothing is streamed here');
    },
  };
  class Driver extends DummyDriver {
    override acquireConnection = async () => connection;
  }
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new Driver(),
      createIntrospector: (one) => new PostgresIntrospector(one),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  const mutes = createMutes({ db, isOurs: null, catalogue, onEnd: async () => {}, log: silentLog });
  return { mutes, asked };
}

describe('the mutes of a room that have changed', () => {
  it('are read alone, and leave those of other rooms as they are', async () => {
    let stored = [mute(1), mute(2), mute(3, 1)];
    const { mutes, asked } = createRig(async ({ parameters }) =>
      stored.filter(({ roomId }) => parameters.length === 0 || parameters.includes(roomId)),
    );
    await mutes.load();
    const other = mutes.holding(2);
    stored = [mute(3, 1), mute(2), mute(4, 1)];
    await mutes.changed(1);
    expect(asked.slice(1).map(({ parameters }) => parameters)).toEqual([[1]]);
    expect(mutes.holding(2)).toBe(other);
    expect(mutes.holding(1).map(({ id }) => id)).toEqual([3, 4]);
    expect([...mutes.all()].map(({ id }) => id).sort()).toEqual([2, 3, 4]);
  });

  it('are read by one statement for 64 rooms', async () => {
    const { mutes, asked } = createRig(async () => []);
    await mutes.changed(...Array.from({ length: 128 }, (_, index) => index + 1));
    expect(asked).toHaveLength(2);
  });

  it('are not replaced by those that an earlier reading of all rooms found', async () => {
    const old = Promise.withResolvers<readonly ActiveMute[]>();
    const { mutes } = createRig(({ parameters }) =>
      parameters.length === 0 ? old.promise : Promise.resolve([mute(1)]),
    );
    const loaded = mutes.load();
    const changed = mutes.changed(1);
    // Enough for any answer that is there already.
    for (let turn = 0; turn < 10; turn++) await setImmediate();
    old.resolve([]);
    await Promise.all([loaded, changed]);
    expect(mutes.holding(1).map(({ id }) => id)).toEqual([1]);
  });

  it('are read though the reading before them failed', async () => {
    let isBroken = true;
    const { mutes } = createRig(async () => {
      if (isBroken) throw new Error('the store is gone');
      return [mute(1)];
    });
    await expect(mutes.load()).rejects.toThrow('the store is gone');
    isBroken = false;
    await mutes.changed(1);
    expect(mutes.holding(1)).toHaveLength(1);
  });

  it('stay with the room that they were moved to when the one that they left is read', async () => {
    let stored = [mute(1, 1)];
    const { mutes } = createRig(async ({ parameters }) =>
      stored.filter(({ roomId }) => parameters.length === 0 || parameters.includes(roomId)),
    );
    await mutes.load();
    stored = [mute(1, 2)];
    await mutes.changed(2);
    await mutes.changed(1);
    expect([mutes.holding(1), mutes.holding(2)].map((some) => some.length)).toEqual([0, 1]);
    expect([...mutes.all()]).toHaveLength(1);
  });
});

describe('150,000 mutes', () => {
  it('have a first end', async () => {
    const all = Array.from({ length: 150_000 }, (_, index) => mute(150_000 - index));
    const { mutes } = createRig(async () => all);
    await mutes.load();
    expect(mutes.nextEnd).toBe(1_001);
  });
});

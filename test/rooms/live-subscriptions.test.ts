import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEventSpec, parseEventSpec } from '../../src/catalogue/event-spec.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { exportSubscriptions } from '../../src/rooms/export-subscriptions.ts';
import { createLiveSubscriptions, type LiveSubscriptions } from '../../src/rooms/live-subscriptions.ts';
import {
  compileStored,
  deleteSubscription,
  insertSubscription,
  listStoredSubscriptions,
  type StoredSubscription,
} from '../../src/rooms/stored-subscriptions.ts';
import type { Condition } from '../../src/router/condition.ts';
import type { Subscription } from '../../src/router/router.ts';
import { subscriptionId } from '../../src/router/subscription-id.ts';
import { openStore } from '../../src/store/open-store.ts';
import { read } from '../config/config-files.ts';
import { anEvent } from '../support/events.ts';

const catalogue = createCatalogue();

function stored(events: string, where: string | null = null, template: string | null = null): StoredSubscription {
  const parsed = parseEventSpec(events, catalogue);
  if (parsed.outcome === 'problems') throw new Error(events);
  const address = 'console:b';
  const id = subscriptionId({ events: parsed.spec, where, template, rooms: [address] });
  return { id, address, events: formatEventSpec(parsed.spec), where, template, author: '@a:b.org', createdAt: 5 };
}

const file =
  'source: { url: demo }\nstore: memory\nrooms: { a: "console:a" }\nsubscriptions: [{ events: posts, rooms: a }]\n';
const fromFile = read(file).config!.subscriptions;
const live = (...all: readonly StoredSubscription[]) =>
  createLiveSubscriptions({ fromFile, isRoom: () => true, stored: all, catalogue, log: silentLog });

/** Everything that the live subscriptions answer about some subscriptions. */
function stateOf(all: LiveSubscriptions, pool: readonly StoredSubscription[]) {
  const rooms = ['console:a', 'console:b', 'console:c', 'console:inactive'];
  const { router } = all;
  // One more condition that nearly fills the budget of a room: its answer tells the size of the others.
  const more = (events: string) =>
    all.tooMuch({
      ...(compileStored(stored(events), catalogue) as Subscription),
      where: { source: 'one more', size: 2_499 } as unknown as Condition,
    });
  return {
    ...{ union: formatEventSpec(router.union), needed: formatEventSpec(router.needed), details: router.details },
    asksSubject: ['posts', 'flags', 'feedbacks'].map((model) => router.asksSubject({ model, type: 'create' })),
    routed: [1, 2].map((id) =>
      router.route(anEvent({ id }), null).map(({ room, subscription }) => [room, subscription.id]),
    ),
    ofRoom: rooms.map((room) => all.ofRoom(room).map(({ id }) => id)),
    broken: rooms.map((room) => all.brokenIn(room).map(({ stored: { id } }) => id)),
    found: pool.map(({ id }) => all.find(id)?.stored?.id),
    tooMuch: ['feedbacks#create', 'posts#create'].map(more),
  };
}

describe('live subscriptions', () => {
  it('come from the file, then from commands by age, and are one union', () => {
    const all = live(stored('flags#create'), stored('posts#create', 'object.id == 1'));
    expect(formatEventSpec(all.router.union)).toBe('flags#create;posts#create,update');
    expect(all.router.route(anEvent({ id: 1 }), null).map(({ room }) => room)).toEqual(['console:a', 'console:b']);
    expect(all.router.route(anEvent({ id: 2 }), null).map(({ room }) => room)).toEqual(['console:a']);
  });

  it('change from one event to the next', () => {
    const all = live();
    const added = stored('flags#create');
    all.add(added);
    expect(all.ofRoom('console:b')).toHaveLength(1);
    all.remove(added.id);
    expect(all.ofRoom('console:b')).toEqual([]);
    expect(formatEventSpec(all.router.union)).toBe('posts#create,update');
  });

  it('keep those of the file, whatever a command does', () => {
    const all = live();
    all.remove(fromFile[0]!.id);
    expect(all.find(fromFile[0]!.id)).toBeDefined();
  });

  it('are the same under the same id when they are exported and pasted into the file', () => {
    const made = [stored('posts#create', 'object.title.contains("a: #b") && !object.is_fp', 'post'), stored('flags')];
    const { config, said } = read(
      `source: { url: demo }\nstore: memory\nrooms: { b: "console:b" }\n${exportSubscriptions(made)}`,
    );
    expect(said).toEqual([]);
    expect(config?.subscriptions.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
    const both = createLiveSubscriptions({
      fromFile: config!.subscriptions,
      isRoom: () => true,
      stored: made,
      catalogue,
      log: silentLog,
    });
    expect(both.ofRoom('console:b')).toHaveLength(2);
  });

  it('leave out, but keep stored, a subscription that cannot be compiled any more', () => {
    expect(live({ ...stored('flags#create'), events: 'unheard_of#create' }).ofRoom('console:b')).toEqual([]);
  });

  it('are compiled once, however often others change', () => {
    const made = [stored('posts#create', 'object.id == 1'), stored('flags#create'), stored('feedbacks')];
    const all = live(...made);
    const before = all.ofRoom('console:b');
    expect(before).toHaveLength(3);
    const another = stored('post_comments#create', 'object.id == 2');
    const read = () => made.map((one) => ({ ...one }));
    const isAsBefore = () => made.every(({ id }, index) => all.find(id) === before[index]);
    all.add(another);
    expect(isAsBefore()).toBe(true);
    const condition = all.find(another.id)!.where;
    all.replaceStored([...read(), { ...another }]);
    expect(all.find(another.id)!.where).toBe(condition);
    all.remove(another.id);
    all.replaceStored(read());
    all.configure({ fromFile: [], isRoom: () => true });
    expect(isAsBefore()).toBe(true);
    all.replaceStored(read().reverse());
    expect(isAsBefore()).toBe(true);
    expect(all.ofRoom('console:b')).toEqual(before.toReversed());
  });

  it('log one that cannot be compiled once, and forget it when it is removed', () => {
    const wrong: string[] = [];
    const log = { ...silentLog, error: (_: object, text: string) => void wrong.push(text) };
    const one = { ...stored('flags#create'), events: 'unheard_of#create' };
    const all = createLiveSubscriptions({ fromFile, isRoom: () => true, stored: [one], catalogue, log });
    all.replaceStored([{ ...one }, stored('feedbacks')]);
    expect(wrong).toHaveLength(1);
    expect(all.brokenIn('console:b')).toHaveLength(1);
    all.replaceStored([stored('feedbacks')]);
    expect(all.brokenIn('console:b')).toEqual([]);
  });

  it('are read anew if one of the same id has other content', () => {
    const one = stored('posts#create', 'object.id == 1');
    const all = live(one);
    all.replaceStored([{ ...one, where: 'object.id == 2' }]);
    expect(all.router.route(anEvent({ id: 2 }), null)).toHaveLength(2);
    expect(all.router.route(anEvent({ id: 1 }), null)).toHaveLength(1);
  });

  it('are the same after any changes as if they were all made at once', () => {
    const large = `object.title.matches("${'a?'.repeat(20)}")`;
    const pool = [
      ...[
        stored('posts#create'),
        stored('posts#create', 'object.id == 1'),
        stored('posts;flags', 'subject.weight > 3'),
      ],
      ...[stored('posts#create', large), stored('posts', large), stored('flags#create'), stored('deletion_logs')],
      { ...stored('review_items'), address: 'console:c' },
      { ...stored('post_comments'), events: 'unheard_of#create' },
      { ...stored('post_comments#create'), address: 'console:inactive' },
    ];
    const some = fc.uniqueArray(fc.nat(pool.length - 1));
    const change = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), index: fc.nat(pool.length - 2) }),
      fc.record({ kind: fc.constant('remove' as const), index: fc.nat(pool.length - 1) }),
      fc.record({ kind: fc.constant('replace' as const), all: some }),
      fc.record({ kind: fc.constant('configure' as const), isInFile: fc.boolean() }),
    );
    fc.assert(
      fc.property(some, fc.array(change, { maxLength: 8 }), (first, changes) => {
        const isRoom = (address: string) => address !== 'console:inactive';
        const create = (file: typeof fromFile, made: readonly StoredSubscription[]) =>
          createLiveSubscriptions({ fromFile: file, isRoom, stored: made, catalogue, log: silentLog });
        let [file, made] = [fromFile, first.map((index) => pool[index]!)];
        const changed = create(file, made);
        for (const one of changes)
          if (one.kind === 'add') {
            if (made.includes(pool[one.index]!)) continue;
            made = [...made, pool[one.index]!];
            changed.add({ ...pool[one.index]! });
          } else if (one.kind === 'remove') {
            made = made.filter((each) => each !== pool[one.index]);
            changed.remove(pool[one.index]!.id);
          } else if (one.kind === 'replace') {
            made = one.all.map((index) => pool[index]!);
            changed.replaceStored(made.map((each) => ({ ...each })));
          } else {
            file = one.isInFile ? fromFile : [];
            changed.configure({ fromFile: file, isRoom });
          }
        expect(stateOf(changed, pool)).toEqual(stateOf(create(file, made), pool));
      }),
    );
  });

  it('are kept in the store, in the order in which they were made', async () => {
    const { db, close } = await openStore(':memory:');
    const made = [stored('posts#create', 'object.id < 5', 'post'), stored('flags#create'), stored('feedbacks')];
    await db.transaction().execute(async (trx) => {
      for (const one of made) await insertSubscription(trx, one);
      await deleteSubscription(trx, made[1]!.id);
    });
    expect(await listStoredSubscriptions(db)).toEqual([made[0], made[2]]);
    await close();
  });
});

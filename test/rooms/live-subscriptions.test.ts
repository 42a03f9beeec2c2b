import { describe, expect, it } from 'vitest';
import { formatEventSpec, parseEventSpec } from '../../src/catalogue/event-spec.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { exportSubscriptions } from '../../src/rooms/export-subscriptions.ts';
import { createLiveSubscriptions } from '../../src/rooms/live-subscriptions.ts';
import {
  deleteSubscription,
  insertSubscription,
  listStoredSubscriptions,
  type StoredSubscription,
} from '../../src/rooms/stored-subscriptions.ts';
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

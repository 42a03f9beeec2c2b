import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../src/catalogue/catalogue.ts';
import { identify } from '../../src/catalogue/identity.ts';
import { sampleEvents, sampleStory } from '../../src/hub/samples/story.ts';
import type { WireEvent } from '../../src/hub/wire-event.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';
import { isTrustedUrl } from '../../src/metasmoke/links.ts';

const start = Date.UTC(2026, 10, 23, 20, 15, 7, 345);
const catalogue = createCatalogue();

function take<T>(count: number, from: Iterable<T>): T[] {
  const taken: T[] = [];
  for (const item of from) if (taken.push(item) === count) break;
  return taken;
}

const many = take(1_500, sampleEvents(start));
const modelOf = (event: WireEvent) => catalogue.byClass(event.event_class)!;
const kind = (event: WireEvent) => `${modelOf(event).name}#${event.event_type}`;

describe('the sample events', () => {
  it('are the same for the same start, and have no ids in common with a later one', () => {
    expect(take(300, sampleEvents(start))).toEqual(many.slice(0, 300));
    const created = (events: WireEvent[]) =>
      events.filter((each) => each.event_type === 'create').map((each) => `${each.event_class} ${each.object.id}`);
    const first = new Set(created(many.slice(0, 300)));
    expect(created(take(300, sampleEvents(start + 60_000))).filter((row) => first.has(row))).toEqual([]);
  });

  it('show the variety within a dozen, including a hostile post', () => {
    const dozen = many.slice(0, 12);
    expect(kind(dozen[0]!)).toBe('posts#create');
    expect(new Set(dozen.map(kind))).toEqual(
      new Set([
        'posts#create',
        'posts#update',
        'statistics#create',
        'flag_logs#create',
        'announcements#create',
        'feedbacks#create',
        'feedbacks#update',
      ]),
    );
    const titles = dozen.filter((each) => kind(each) === 'posts#create').map((each) => String(each.object.title));
    expect(titles.some((title) => /@everyone.*@room.*\*\*.*\]\(https:.*\u202e/s.test(title))).toBe(true);
  });

  it('cover every model with a template of its own, and some without', () => {
    const models = new Set(many.map((each) => modelOf(each).name));
    const own =
      'posts feedbacks flag_logs deletion_logs statistics announcements smoke_detectors post_comments spam_domains domain_tags review_results';
    for (const model of own.split(' ')) expect(models).toContain(model);
    for (const model of ['review_items', 'domain_links', 'reasons', 'sites', 'ref']) expect(models).toContain(model);
  });

  it('have every field of their model, and no other', () => {
    for (const each of many) {
      const model = modelOf(each);
      if (model.hasRows) expect(Object.keys(each.object).sort(), model.name).toEqual(columnsOf(model).toSorted());
    }
  });

  it('have values of the types of their model', () => {
    const wrong = (type: string, value: unknown) =>
      value !== null &&
      !(
        {
          integer: Number.isInteger(value),
          number: typeof value === 'number',
          string: typeof value === 'string',
          list: Array.isArray(value),
          text: typeof value === 'string',
          boolean: typeof value === 'boolean',
          datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/.test(String(value)),
        } as Record<string, boolean>
      )[type];
    for (const each of many) {
      const model = modelOf(each);
      const { fields, name } = model;
      for (const field of columnsOf(model)) {
        expect(wrong(fields[field] ?? '', each.object[field]), `${name}.${field}: ${String(each.object[field])}`).toBe(
          false,
        );
      }
    }
  });

  it('are decoded without problems', () => {
    for (const each of many) {
      expect(
        decode(each, { source: 'demo', receivedAt: start, origin: 'live', catalogue, siteOf: () => null }).outcome,
      ).toBe('event');
    }
  });

  it('are all new, except the second of the two identical post updates after a vote', () => {
    const seen = new Map<string, WireEvent>();
    let last: WireEvent | undefined;
    for (const each of many) {
      const decoded = decode(each, {
        source: 'demo',
        receivedAt: start,
        origin: 'live',
        catalogue,
        siteOf: () => null,
      });
      if (decoded.outcome !== 'event' || decoded.event.rowId === null) continue;
      const { key } = identify(decoded.event);
      const before = seen.get(key);
      if (before) {
        expect(kind(each)).toBe('posts#update');
        expect(each).toEqual(before);
      }
      seen.set(key, each);
      last = each;
    }
    expect(last).toBeDefined();
  });

  it('are consistent: created once and first, destroyed once and last', () => {
    const state = new Map<string, string>();
    for (const each of many) {
      const row = `${each.event_class} ${each.object.id}`;
      const before = state.get(row);
      if (each.event_type === 'create') expect(before, row).toBeUndefined();
      else expect(before, row).not.toBe('destroy');
      // Votes, posts and reviews have no events before they exist.
      if (['Post', 'Feedback', 'ReviewItem'].includes(each.event_class) && each.event_type !== 'create') {
        expect(before, row).toBeDefined();
      }
      state.set(row, each.event_type);
    }
    expect([...state.values()]).toContain('destroy');
  });

  it('follow the order of metasmoke: native_id by an update, deletion before deleted_at, a new vote before the old one is destroyed', () => {
    const posts = Map.groupBy(
      many.filter((each) => each.event_class === 'Post'),
      (each) => each.object.id,
    );
    const [created, updated] = posts.values().next().value!;
    expect([created!.event_type, created!.object.native_id]).toEqual(['create', null]);
    expect([updated!.event_type, typeof updated!.object.native_id]).toEqual(['update', 'number']);

    const at = (found: (each: WireEvent) => boolean) => many.findIndex(found);
    const deleted = at((each) => kind(each) === 'deletion_logs#create');
    expect(many[deleted]!.object.is_deleted).toBe(true);
    const update = posts.get(many[deleted]!.object.post_id!)!.find((each) => many.indexOf(each) > deleted)!;
    expect(update.object.deleted_at).toBe(many[deleted]!.object.created_at);

    const gone = at((each) => kind(each) === 'feedbacks#destroy');
    const { post_id, user_name, id } = many[gone]!.object;
    const votes = many
      .slice(0, gone)
      .filter((each) => kind(each) === 'feedbacks#create' && each.object.post_id === post_id);
    expect(votes.filter((each) => each.object.user_name === user_name && each.object.id !== id)).toHaveLength(1);
  });

  it('include autoflags, failed and other flags, a false positive, a conflict and an undeletion', () => {
    const some = (found: (each: WireEvent) => boolean) => expect(many.some(found)).toBe(true);
    some((each) => each.event_class === 'FlagLog' && each.object.success === true && each.object.is_auto === true);
    some(
      (each) => each.event_class === 'FlagLog' && each.object.success === false && each.object.error_message !== null,
    );
    some((each) => each.event_class === 'FlagLog' && each.object.flag_type === 'other');
    some((each) => each.event_class === 'Post' && each.object.is_fp === true && each.object.is_tp === false);
    some((each) => each.event_class === 'Post' && each.object.is_fp === true && each.object.is_tp === true);
    some((each) => each.event_class === 'DeletionLog' && each.object.is_deleted === false);
    some((each) => kind(each) === 'posts#destroy');
  });

  it('contain only links to names that are reserved for examples, and to the network', () => {
    for (const each of many.filter(({ event_class }) => event_class === 'Post')) {
      const { link, user_link, body, title } = each.object;
      for (const url of [link, user_link]) {
        expect(isTrustedUrl(String(url)) || /prize\.example|^javascript:/.test(String(url)), String(url)).toBe(true);
      }
      const hosts = `${title} ${body}`.matchAll(/https?:\/\/([\w.-]+)/g);
      for (const [, host] of hosts) expect(host).toMatch(/\.example$|^stackoverflow\.com$/);
    }
  });

  it('have realistic times: never backwards, no pause over four seconds, about one a second', () => {
    const staged = take(1_500, sampleStory(start));
    for (const [n, each] of staged.entries()) {
      const pause = each.at - (staged[n - 1]?.at ?? start);
      expect(pause, String(n)).toBeGreaterThanOrEqual(0);
      expect(pause, String(n)).toBeLessThanOrEqual(4_000);
      const { updated_at } = each.event.object;
      if (typeof updated_at !== 'string') continue;
      const ageMs = each.at - Date.parse(updated_at);
      expect(ageMs, kind(each.event)).toBeGreaterThanOrEqual(0);
    }
    expect(staged.at(-1)!.at - start).toBeGreaterThan(1_000_000);
  });
});

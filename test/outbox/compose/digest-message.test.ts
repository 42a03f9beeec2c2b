import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  format as formatForDiscord,
  together as togetherOnDiscord,
} from '../../../src/adapters/discord/format/format.ts';
import {
  format as formatForMatrix,
  limitsOf,
  together as togetherOnMatrix,
} from '../../../src/adapters/matrix/format/format.ts';
import { costOf, digestMessage, type Entry } from '../../../src/outbox/compose/digest-message.ts';
import type { Message } from '../../../src/render/message.ts';
import { type Counts, noCounts } from '../../../src/subjects/post-state.ts';

const key = 'k'.repeat(22);
/** What the adapters give as `bodyUnits`. */
const matrixUnits = limitsOf(false).bodyUnits;
const discordUnits = 3_996;
const discordContentUnits = 1_500;

const votes = (count: number): Counts => ({ ...noCounts, tp: count });

const title = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom(
    '*'.repeat(300),
    'https://evil.example/'.repeat(9),
    '@everyone <@1> [a](b) `'.repeat(9),
    '‮'.repeat(99),
    '😀'.repeat(99),
    '|'.repeat(99),
  ),
);
const entry = fc
  .record({
    id: fc.integer({ min: 1, max: 9_999_999 }),
    title: fc.option(title),
    deleted: fc.boolean(),
    hidden: fc.boolean(),
  })
  .map(({ id, title: text, deleted, hidden }): Entry => {
    const fate = deleted ? ('deleted' as const) : ('stands' as const);
    return {
      subject: `post:${id}`,
      url: `https://metasmoke.erwaysoftware.com/post/${id}`,
      post: { title: text, site: 'apple.stackexchange.com', fate, isAutoflagged: true, counts: votes(12) },
      label: `post:${id}`,
      isHidden: hidden,
      isReport: true,
      concluded: [],
    };
  });

/** As many as a digest of so much room is given. */
function within(entries: readonly Entry[], units: number): readonly Entry[] {
  let used = 0;
  return entries.filter((one, index) => {
    used += costOf(one);
    return used <= units || index === 0;
  });
}

const digest = (entries: readonly Entry[]) =>
  digestMessage({ entries, counts: new Map([['posts', entries.length]]), lastedMs: 60_000, about: 'wave' });

const one = (id: number, site: string, fate: 'stands' | 'deleted', more: Partial<Entry> = {}): Entry => ({
  subject: `post:${id}`,
  url: `https://metasmoke.erwaysoftware.com/post/${id}`,
  post: { title: `Buy ${id}`, site, fate, isAutoflagged: id === 1, counts: votes(2) },
  label: `post:${id}`,
  isHidden: false,
  isReport: true,
  concluded: [],
  ...more,
});

describe('a digest', () => {
  it('shows a link to each of its posts on both platforms, whatever their titles are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(entry, { minLength: 1, maxLength: 80, selector: (one) => one.subject }), (entries) => {
        const missing = (payload: string, shown: readonly Entry[]) =>
          shown.filter(({ url }) => !payload.replaceAll('\\', '').includes(`${url}`)).map(({ subject }) => subject);
        const onDiscord = within(entries, discordUnits);
        expect(missing(formatForDiscord(digest(onDiscord), key, { embeds: true }), onDiscord)).toEqual([]);
        const asContent = within(entries, discordContentUnits);
        expect(missing(formatForDiscord(digest(asContent), key, { embeds: false }), asContent)).toEqual([]);
        const onMatrix = within(entries, matrixUnits);
        expect(missing(formatForMatrix(digest(onMatrix), key), onMatrix)).toEqual([]);
      }),
      { seed: 2026, numRuns: 60 },
    );
  });

  it('keeps the links of posts whose titles are longer as they are shown', () => {
    const hostile = Array.from({ length: 40 }, (_, index) => ({
      ...one(index, 'a.com', 'stands'),
      post: { ...one(index, 'a.com', 'stands').post!, title: '\u202e'.repeat(99) },
    }));
    const shown = within(hostile, discordContentUnits);
    const payload = formatForDiscord(digest(shown), key, { embeds: false });
    expect(shown.filter(({ url }) => !payload.includes(`${url}>`)).map(({ subject }) => subject)).toEqual([]);
  });

  it('says how many reports there were, where, and how many of them are deleted', () => {
    const message = digest([one(1, 'a.com', 'stands'), one(2, 'a.com', 'deleted'), one(3, 'b.com', 'deleted')]);
    expect(message.title).toEqual([{ kind: 'text', text: '3 reports on 2 sites (a.com: 2) in 1 min, 2 deleted' }]);
  });

  it('shows the derived events of a post, and counts nothing if there is one event', () => {
    const { body, footer } = digest([one(2, 'a.com', 'stands', { isReport: false, concluded: ['false_positive'] })]);
    expect(JSON.stringify(body)).toContain('2 tp');
    expect(JSON.stringify(body)).toContain('false positive');
    expect(footer).toBeNull();
  });

  it('does not say that all came in 0 s', () => {
    const titles = (['wave', 'gap'] as const).map((about) => {
      const counts = new Map([['posts', 1]]);
      const entries = [one(2, 'a.com', 'stands')];
      return digestMessage({ entries, counts, lastedMs: 49, about }).title;
    });
    expect(titles).toEqual([
      [{ kind: 'text', text: '1 report on a.com' }],
      [{ kind: 'text', text: '1 report on a.com missed' }],
    ]);
  });

  it('counts one of a kind in the singular', () => {
    const counts = new Map([
      ['posts', 1],
      ['deletion_logs', 1],
      ['feedbacks', 2],
    ]);
    const { footer } = digestMessage({ entries: [one(2, 'a.com', 'stands')], counts, lastedMs: 1_000, about: 'wave' });
    expect(footer).toEqual([
      { kind: 'text', text: 'Several events in one message: 1 post, 1 deletion log, 2 feedbacks' },
    ]);
  });
});

describe('several messages in one', () => {
  const message = (text: string, link: string | null = null): Message => ({
    title: [{ kind: 'text', text }],
    url: link,
    color: null,
    body: [{ kind: 'paragraph', children: [{ kind: 'text', text: `about ${text}` }] }],
    fields: [],
    footer: null,
    image: null,
    link,
  });
  const post = (id: number) => `https://metasmoke.erwaysoftware.com/post/${id}`;

  it('are embeds in their order on Discord, the first link marked, within the limit of all', () => {
    const { payload, carried } = togetherOnDiscord([message('a'), message('b', post(2)), message('c', post(3))], key, {
      embeds: true,
    });
    expect(carried).toBe(3);
    const { embeds, nonce } = JSON.parse(payload);
    expect(embeds.map((embed: { title: string }) => embed.title)).toEqual(['a', 'b', 'c']);
    expect(embeds[1].url).toBe(`${post(2)}#lk-${key}`);
    expect(embeds[2].url).toBe(post(3));
    expect(nonce).toBe(key);
    const long = message('x'.repeat(200));
    const texts = Array.from({ length: 10 }, () => ({
      ...long,
      body: [{ kind: 'paragraph' as const, children: [{ kind: 'text' as const, text: 'word '.repeat(200).trim() }] }],
    }));
    expect(togetherOnDiscord(texts, key, { embeds: true }).carried).toBe(5);
  });

  it('stand below one another if there are no embeds', () => {
    const { payload, carried } = togetherOnDiscord(
      [message('a', post(1)), message('b'.repeat(1_800), post(2)), message('c')],
      key,
      { embeds: false },
    );
    expect(carried).toBe(1);
    expect(JSON.parse(payload).content).toContain('**a**');
    expect(JSON.parse(payload).content.length).toBeLessThanOrEqual(2_000);
  });

  it('are items of a list on Matrix, as many as have room', () => {
    const few = togetherOnMatrix([message('a', post(1)), message('b', post(2))], key);
    expect(few.carried).toBe(2);
    const { formatted_body: html, body } = JSON.parse(few.payload);
    expect(html).toBe(
      `<p>2 events</p><ul><li><strong><a href="${post(1)}">a</a></strong> · about a</li><li><strong><a href="${post(2)}">b</a></strong> · about b</li></ul>`,
    );
    expect(body).toContain(`- a (${post(1)}) · about a`);
    const many = togetherOnMatrix(
      Array.from({ length: 50 }, (_, id) => message(`${id} ${'ü'.repeat(400)}`, post(id))),
      key,
    );
    expect(many.carried).toBeGreaterThan(5);
    expect(many.carried).toBeLessThan(50);
    expect(Buffer.byteLength(many.payload)).toBeLessThan(40_000);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardEvent } from '../../src/app/draw-messages.ts';
import { isTrustedUrl, links } from '../../src/metasmoke/links.ts';
import { loadTemplates, shippedTemplates } from '../../src/render/load-templates.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { type AuthorReports, knownOf } from '../../src/subjects/card-values.ts';
import { foldPost } from '../../src/subjects/fold-post.ts';
import { noDetails, type PostDetails } from '../../src/subjects/post-details.ts';
import { LISTED } from '../../src/subjects/post-state.ts';
import { shown } from '../../src/text/shown.ts';
import type { Event, EventObject } from '../../src/words.ts';
import { hostile } from '../render/hostile.ts';
import { context, line, walk, written } from '../render/support.ts';
import { anEvent } from '../support/events.ts';
import { catalogue } from '../support/the-catalogue.ts';

const renderer = createRenderer(loadTemplates([shippedTemplates]).templates, links);
const start = Date.UTC(2026, 0, 2, 3, 4, 0);
const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();
const event = (model: string, id: number, seconds: number, object: EventObject, type: Event['type'] = 'create') =>
  anEvent({
    model,
    id,
    type,
    subject: 'post:1',
    updatedAt: at(seconds),
    object: { created_at: at(seconds), ...object },
  });

const report = event('posts', 1, 0, {
  title: 'Buy **now**',
  link: '//apple.stackexchange.com/q/1',
  username: 'spammer',
  user_reputation: 1,
  why: 'Body - Bad keyword',
  deleted_at: null,
});
const details: PostDetails = {
  site: { name: 'Ask Different', domain: 'apple.stackexchange.com', logo: null },
  reasons: [
    { name: 'Bad keyword in body', weight: 95 },
    { name: 'Link at end', weight: 12 },
  ],
  domains: null,
  flagsAt: null,
  flaggers: { 5: 'Carol' },
  isAbsent: false,
};

const reportOf = ({ updatedAt, receivedAt, origin }: Event) => ({
  updated_at: updatedAt,
  received_at: receivedAt,
  origin,
});

/** Returns the card of a post as a reader sees it, one line each. */
function card(
  events: readonly Event[],
  known: PostDetails = noDetails,
  author: AuthorReports | null = null,
): readonly string[] {
  const state = foldPost(events);
  const { message, failure } = renderer.render(
    cardEvent(
      { subject: 'post:1', source: 'metasmoke', model: catalogue.ofRole('report')! },
      state,
      events.map(reportOf).at(0) ?? null,
    ),
    'card',
    context,
    knownOf(state, known, author),
  );
  expect(failure).toBeNull();
  return [line(message.title), ...written(message.body), line(message.footer)].filter((text) => text !== '');
}

describe('a card', () => {
  it('says that a post is not on metasmoke', () => {
    const lines = card([report], { ...noDetails, isAbsent: true });
    expect(lines.join(' | ')).toMatch(/^👻 Buy .* not on metasmoke/);
    expect(lines.join()).not.toContain('still up');
  });

  it('shows a new report', () => {
    expect(card([report])).toEqual([
      '🚨 Buy **now**',
      'spammer · 1 rep · [apple.stackexchange.com](https://apple.stackexchange.com/q/1)',
      'Why: Body - Bad keyword',
      'still up',
    ]);
  });

  it('shows site, reasons and their weight if they are known', () => {
    expect(card([report], details).slice(1, 3)).toEqual([
      'spammer · 1 rep · [Ask Different](https://apple.stackexchange.com/q/1)',
      '**Bad keyword in body 95**, Link at end 12 · weight 107',
    ]);
  });

  it('shows the heaviest reasons first, and how many there are if not all fit', () => {
    const reasons = [94, 95, 1, 2, 3, 4, 5, 6, 7].map((weight) => ({ name: `R${weight}`, weight }));
    expect(card([report], { ...details, reasons: reasons.slice(0, 2) })[2]).toBe('**R95 95**, R94 94 · weight 189');
    expect(card([report], { ...details, reasons })[2]).toBe(
      '**R95 95**, R94 94, R7 7, R6 6, R5 5, R4 4, R3 3, R2 2 … (9 reasons) · weight 217',
    );
    expect(card([report], { ...details, reasons: [] })[2]).toBe('Why: Body - Bad keyword');
  });

  it('says if the post is a question or an answer, and links the author on trusted hosts alone', () => {
    const line = (object: EventObject) => card([event('posts', 1, 0, { ...report.object, ...object })])[1];
    expect(line({ link: '//apple.stackexchange.com/a/1', user_link: '//apple.stackexchange.com/users/7' })).toBe(
      '[spammer](https://apple.stackexchange.com/users/7) · 1 rep · answer on [apple.stackexchange.com](https://apple.stackexchange.com/a/1)',
    );
    expect(line({ link: '//apple.stackexchange.com/questions/1', user_link: '//evil.example/users/7' })).toBe(
      'spammer (//evil.example/users/7) · 1 rep · question on [apple.stackexchange.com](https://apple.stackexchange.com/questions/1)',
    );
    expect(line({ link: null, username: null, user_link: '//apple.stackexchange.com/users/7' })).toBe('1 rep');
  });

  it('shows tpu apart from tp, and who ignored the post', () => {
    const votes = ['tpu-', 'tp', 'tpu', 'ignore'].map((type, i) =>
      event('feedbacks', i + 2, i + 5, { feedback_type: type, user_name: 'ABCD'[i]!, user_id: i }),
    );
    expect(card([report, ...votes])[3]).toBe('🔴 2 tpu (A, C) · 🔴 1 tp (B) · ⚪ 1 ignore (D) · first after 5 s');
    expect(card([report, votes[3]!])[3]).toBe('⚪ 1 ignore (D)');
  });

  it('does not tell tpu and tp apart where not all of them are listed', () => {
    const votes = Array.from({ length: 2 * LISTED + 1 }, (_, i) =>
      event('feedbacks', i + 2, i + 5, { feedback_type: 'tpu-', user_id: i }),
    );
    expect(card([report, ...votes])[3]).toBe('🔴 101 tp · first after 5 s');
    expect(card([report, ...votes.slice(1)])[3]).toBe('🔴 100 tpu · first after 6 s');
  });

  it('says that the post was edited if metasmoke counted its revisions', () => {
    const counted = (count: number) => card([report, event('posts', 1, 1, { revision_count: count }, 'update')])[1];
    expect(counted(2)).toMatch(/ · edited$/);
    expect(counted(1)).not.toContain('edited');
  });

  it('says that a post was not autoflagged once the flags were read late enough, and as long as it stands', () => {
    const flagLine = (flagsAt: number | null, ...events: Event[]) =>
      card([report, ...events], { ...noDetails, flagsAt }).filter((text) => text.includes('autoflagged'));
    expect(flagLine(start + 60_000)).toEqual(['not autoflagged']);
    expect([flagLine(null), flagLine(start + 59_999)]).toEqual([[], []]);
    const manual = event('flag_logs', 5, 70, { success: true, is_auto: false });
    expect(flagLine(start + 60_000, manual)).toEqual(['1 manual flag · not autoflagged']);
    const auto = event('flag_logs', 6, 90, { success: true, is_auto: true });
    expect(flagLine(start + 60_000, auto)).toEqual(['🚩 autoflagged by 1 account after 1 min']);
    expect(flagLine(start + 60_000, event('deletion_logs', 7, 90, { is_deleted: true }))).toEqual([]);
  });

  it('shows the domains with their tags, or the hosts in the body, never as links', () => {
    const domain = (name: string, ...tags: string[]) => ({ name, tags });
    const line = (known: PostDetails, body: string | null = null) =>
      card([event('posts', 1, 0, { ...report.object, body })], known).find((text) => text.startsWith('domains'));
    const domains = [domain('evil.example', 'pills', 'seo'), domain('b.example')];
    expect(line({ ...noDetails, domains }, 'http://c.example')).toBe('domains: evil.example [pills, seo], b.example');
    expect(line(noDetails, 'a http://www.C.example/x and https://c.example')).toBe('domains: c.example');
    expect([line(noDetails), line({ ...noDetails, domains: [] }, 'http://c.example')]).toEqual([undefined, undefined]);
    const five = ['a', 'b', 'c', 'd', 'e'].map((name) => domain(`${name}.example`));
    expect(line({ ...noDetails, domains: five })).toBe(
      'domains: a.example, b.example, c.example, d.example … (5 domains)',
    );
  });

  it('links the newest other report of the author', () => {
    const others = (author: AuthorReports | null) => card([report], noDetails, author)[1]!.split(' · ')[2];
    const newest = (text: string) => `[${text}](https://metasmoke.erwaysoftware.com/post/7)`;
    expect(others({ others: 1, more: false, newest: '7' })).toBe(newest('1 other report'));
    expect(others({ others: 100, more: true, newest: '7' })).toBe(newest('more than 100 other reports'));
    expect(others(null)).toMatch(/apple/);
  });

  it('shows who flagged and who voted, and after what time', () => {
    const flag = { success: true, is_auto: true, is_dry_run: null };
    const events = [
      report,
      event('flag_logs', 5, 12, flag),
      event('feedbacks', 2, 31, { feedback_type: 'tpu-', user_name: 'Ann', user_id: 1 }),
      event('feedbacks', 3, 40, { feedback_type: 'tp', user_name: null, user_id: 2 }),
    ];
    expect(card(events, details).slice(3)).toEqual([
      '🚩 autoflagged by Carol after 12 s',
      '🔴 1 tpu (Ann) · 🔴 1 tp · first after 31 s',
      '**still up**',
    ]);
    expect(card(events)[3]).toBe('🚩 autoflagged by 1 account after 12 s');
    expect(card([...events, event('flag_logs', 6, 12, flag)], details)[3]).toBe(
      '🚩 autoflagged by 2 accounts after 12 s',
    );
    expect(card([event('posts', 1, 0, { ...report.object, autoflagged: true })])[3]).toBe('🚩 autoflagged');
    expect(card(events)[0]).toMatch(/^🔴 /);
  });

  it('shows a conflict', () => {
    const events = [
      report,
      event('feedbacks', 2, 31, { feedback_type: 'tp', user_name: 'Ann', user_id: 1 }),
      event('feedbacks', 3, 40, { feedback_type: 'fp', user_name: 'Bob', user_id: 2 }),
      event('feedbacks', 4, 41, { feedback_type: 'naa', user_name: 'Eve', user_id: 3 }),
    ];
    expect(card(events)[0]).toMatch(/^⚠️ /);
    expect(card(events)[3]).toBe('⚠️ conflict · 🔴 1 tp (Ann) · 🟢 1 fp (Bob) · 🟠 1 naa (Eve) · first after 31 s');
  });

  it('is orange for naa, red for spam alone, green for a false positive', () => {
    const colorFor = (type: string) => {
      const state = foldPost([
        report,
        event('feedbacks', 2, 31, { feedback_type: type, user_name: 'Ann', user_id: 1 }),
      ]);
      const about = { subject: 'post:1', source: 'metasmoke', model: catalogue.ofRole('report')! };
      return renderer.render(cardEvent(about, state, null), 'card', context, knownOf(state, noDetails, null)).message
        .color;
    };
    expect(['tp', 'tpu', 'naa', 'fp'].map(colorFor)).toEqual(['#f85149', '#f85149', '#f0883e', '#3fb950']);
  });

  it('is quiet at the end: struck through, without signs, with the time it took', () => {
    const votes = [
      event('flag_logs', 5, 4, { success: true, is_auto: true, is_dry_run: null }),
      event('feedbacks', 2, 12, { feedback_type: 'tp', user_name: 'Ann', user_id: 1 }),
      event('feedbacks', 3, 20, { feedback_type: 'fp', user_name: 'Bob', user_id: 2 }),
    ];
    const end = event('deletion_logs', 9, 41, { is_deleted: true, uncertainty: 12 });
    expect(card([report, ...votes, end]).slice(3)).toEqual([
      'autoflagged by 1 account after 4 s',
      'conflict · 1 tp (Ann) · 1 fp (Bob) · first after 12 s',
      'deleted 41 s after the report (± 12 s)',
    ]);
    const deleted = [report, end];
    expect(card(deleted)[0]).toBe('⚫ ~~Buy **now**~~');
    expect(card(deleted).at(-1)).toBe('deleted 41 s after the report (± 12 s)');
    expect(card([...deleted, event('deletion_logs', 10, 80, { is_deleted: false })]).at(-1)).toBe(
      '🔁 undeleted, still up',
    );
    expect(card([report, event('posts', 1, 90, {}, 'destroy')])[0]).toBe('❌ ~~Buy **now**~~');
  });

  it('shows comments and the result of a review', () => {
    const events = [
      report,
      event('post_comments', 2, 5, { text: 'Hm' }),
      event('review_results', 3, 9, { result: 'tp' }),
    ];
    expect(card(events).at(-1)).toBe('1 comment · review: tp');
  });

  it('works for an unknown post', () => {
    expect(card([])).toEqual(['🚨 (no title)', 'still up']);
  });

  it('shows hostile text as text in every part', () => {
    const row = fc.record({
      title: hostile,
      username: hostile,
      why: hostile,
      body: hostile,
      link: hostile,
      user_link: hostile,
      user_name: hostile,
    });
    const reasons = fc.array(fc.record({ name: hostile, weight: fc.integer() }), { maxLength: 3 });
    fc.assert(
      fc.property(row, reasons, hostile, (texts, named, result) => {
        const state = foldPost([
          event('posts', 1, 0, texts),
          event('flag_logs', 5, 1, { success: true, is_auto: true }),
          event('feedbacks', 2, 2, { feedback_type: 'tp', user_name: texts.user_name }),
          event('review_results', 3, 3, { result }),
        ]);
        const site = { name: texts.title, domain: texts.link, logo: texts.link };
        const known = knownOf(
          state,
          {
            ...noDetails,
            site,
            reasons: named,
            domains: [{ name: result, tags: [texts.title] }],
            flaggers: { 5: texts.username },
          },
          { others: 2, more: true, newest: '7' },
        );
        const shownAs = renderer.render(
          cardEvent({ subject: 'post:1', source: 'metasmoke', model: catalogue.ofRole('report')! }, state, null),
          'card',
          context,
          known,
        );
        expect(shownAs.failure).toBeNull();
        const { urls, texts: seen } = walk(shownAs.message);
        for (const url of urls) expect(url).toSatisfy(isTrustedUrl);
        for (const text of seen) expect(text).toBe(shown(text));
      }),
      { seed: 2026, numRuns: 200 },
    );
  });
});

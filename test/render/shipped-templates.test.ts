import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldType } from '../../src/catalogue/catalogue.ts';
import { typesOf } from '../../src/catalogue/event-spec.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { isTrustedUrl, links } from '../../src/metasmoke/links.ts';
import type { Context } from '../../src/render/engine.ts';
import { loadTemplates, shippedTemplates } from '../../src/render/load-templates.ts';
import type { Message } from '../../src/render/message.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import { shown } from '../../src/text/shown.ts';
import { type Event, type EventObject, type EventType, type Json, sentTypes } from '../../src/words.ts';
import { hostile } from './hostile.ts';
import { context, eventOf, line, now, walk, written } from './support.ts';

const { templates } = loadTemplates([shippedTemplates]);
const renderer = createRenderer(templates, links);
const catalogue = createCatalogue();
const models = [
  ...['posts', 'feedbacks', 'flag_logs', 'deletion_logs', 'statistics', 'announcements', 'smoke_detectors'],
  ...['post_comments', 'spam_domains', 'domain_tags', 'review_results', 'review_items', 'flags', 'flag_conditions'],
  ...['moderator_sites', 'abuse_reports', 'abuse_comments', 'domain_links', 'source'],
].map((name) => catalogue.model(name)!);

const samples: Readonly<Record<FieldType, Json>> = {
  integer: 42,
  number: 2.5,
  string: 'word',
  text: 'first line\nsecond line',
  list: ['one', 'two'],
  boolean: true,
  datetime: new Date(now - 60_000).toISOString(),
};

function render(
  model: (typeof models)[number],
  object: EventObject,
  more: Partial<Event> = {},
  known: Context = {},
): Message {
  const event = eventOf(object, { model: model.name, class: model.class, ...more });
  const { message, failure } = renderer.render(event, null, context, known);
  expect(failure).toBeNull();
  return message;
}

/** Returns everything that a reader sees, one line each. */
function seen(message: Message): readonly string[] {
  const { title, body, fields, footer } = message;
  const parts = [
    line(title),
    ...written(body),
    ...fields.map(({ name, value }) => `${line(name)}: ${line(value)}`),
    line(footer),
  ];
  return parts.filter((part) => part !== '');
}

function example(
  model: string,
  object: EventObject,
  more: Partial<Event> = {},
  known: Context = {},
): readonly string[] {
  return seen(render(catalogue.model(model)!, object, more, known));
}

describe.each(models.map((model) => [model.singular, model] as const))('the template %s', (singular, model) => {
  const types = typesOf(model);
  const all = { ...model.fields, ...model.derivedFields };
  const fields = Object.keys(all);
  /** Returns every column that an event of this type has. */
  const fullOf = (type: EventType): EventObject => {
    const own = model.derived.some((each) => each.type === type) ? model.derivedFields : model.fields;
    return Object.fromEntries(Object.entries(own).map(([field, kind]) => [field, samples[kind]]));
  };

  it('exists, and names only columns of the model', () => {
    const template = templates.get(singular)!;
    expect(template.fieldsUsed.length).toBeGreaterThan(0);
    expect(template.fieldsUsed.filter(({ field }) => !fields.includes(field))).toEqual([]);
  });

  it('shows a row in a few lines, below a title', () => {
    for (const type of types) {
      const message = render(model, fullOf(type), { type });
      expect(message.title).not.toBeNull();
      expect(message.color).toMatch(/^#/);
      expect(seen(message).length).toBeLessThanOrEqual(5);
    }
  });

  it('works with every column null or missing, alone and all together', () => {
    const allNull = Object.fromEntries(fields.map((field) => [field, null]));
    for (const type of types) {
      const full = fullOf(type);
      const own = Object.keys(full);
      const without = own.map((field) => Object.fromEntries(Object.entries(full).filter(([name]) => name !== field)));
      const withNull = own.map((field) => ({ ...full, [field]: null }));
      for (const object of [...without, ...withNull, allNull, {}]) {
        const lines = seen(render(model, object, { type }));
        expect(lines.length).toBeGreaterThan(0);
        for (const one of lines) {
          expect(one).not.toMatch(/null|undefined|NaN|\[object|Invalid| {2}|\(\s*\)/);
          expect(one).toBe(one.trim());
          expect(one, 'a sign of punctuation without its text').not.toMatch(/[:·,]$|^[:·,]| [:,](?: |$)|· ·|^> *$/);
        }
      }
    }
  });

  it('distinguishes create, update and destroy, except for unused types', () => {
    if (!model.isSent) return;
    const [create, update, destroy] = sentTypes.map((type) => JSON.stringify(render(model, fullOf(type), { type })));
    expect(destroy).not.toBe(create);
    expect(destroy).not.toBe(update);
  });

  it('has a title of its own for each derived type', () => {
    const derived = model.derived.map(({ type }) => type);
    const titles = [...(model.isSent ? sentTypes : []), ...derived].map((type) =>
      line(render(model, fullOf(type), { type }).title),
    );
    const own = titles.slice(titles.length - derived.length);
    expect(own.filter((title) => titles.filter((each) => each === title).length > 1)).toEqual([]);
  });

  it('leaves hostile text text, in every column', () => {
    const value = fc.oneof(hostile, fc.jsonValue() as fc.Arbitrary<Json>);
    const row = fc.record(Object.fromEntries(fields.map((field) => [field, value])), { requiredKeys: [] });
    const some = (...columns: string[]) => fc.record(Object.fromEntries(columns.map((column) => [column, value])));
    const known = fc.record({
      post: some('title', 'link'),
      site: some('name'),
      related: fc.record({
        ...{ user: some('username'), creator: some('username'), site: some('site_name'), left: some('domain') },
        ...{ reportable: some('domain'), abuse_contact: some('name'), smoke_detector: some('name') },
      }),
      flaggers: some('1', '42'),
    });
    fc.assert(
      fc.property(row, fc.constantFrom(...types), known, (object, type, about) => {
        const { urls, texts } = walk(render(model, object as EventObject, { type }, about));
        for (const url of urls) expect(url).toSatisfy(isTrustedUrl);
        for (const text of texts) expect(text).toBe(shown(text));
      }),
      { numRuns: 50 },
    );
  });

  it('shows the time of a late event', () => {
    const full = fullOf(types[0]!);
    if (model.name === 'source') return; // It never comes late.
    const old = new Date(now - 3_600_000).toISOString();
    const message = render(
      model,
      { ...full, created_at: old, updated_at: old, last_ping: old },
      { origin: 'backfilled' },
    );
    expect(seen(message).join('\n')).toMatch(/1 h ago/);
  });
});

describe('what a reader sees', () => {
  const post = {
    title: 'Buy **now** https://evil.example',
    link: '//stackoverflow.com/a/1',
    username: 'spammer',
    user_reputation: 1,
    why: 'Title - Bad keyword\nBody - Link at end',
    is_tp: false,
    is_fp: false,
    is_naa: false,
    deleted_at: null,
    created_at: new Date(now).toISOString(),
  };

  it('of a post', () => {
    expect(example('posts', post)).toEqual([
      '🚨 Buy **now** https://evil.example',
      'spammer · 1 rep · answer on [stackoverflow.com](https://stackoverflow.com/a/1)',
      'Why: Title - Bad keyword',
    ]);
    expect(example('posts', { ...post, is_tp: true }, { type: 'update' })).toEqual([
      '🔴 Buy **now** https://evil.example',
      'spammer · 1 rep · answer on [stackoverflow.com](https://stackoverflow.com/a/1)',
      'spam (tp)',
    ]);
    const deleted = { ...post, is_tp: true, deleted_at: new Date(now - 120_000).toISOString() };
    expect(example('posts', deleted, { type: 'update' })[0]).toMatch(/^⚫/);
    expect(example('posts', deleted, { type: 'update' })[2]).toBe('spam (tp) · deleted 2 min ago');
    expect(example('posts', { ...post, is_fp: true }, { type: 'update' })[0]).toMatch(/^🟢/);
    expect(example('posts', post, { type: 'update' })[0]).toMatch(/^📝/);
    expect(example('posts', post, { type: 'destroy' })[0]).toBe('❌ Report removed: Buy **now** https://evil.example');
    expect(example('posts', {})).toEqual(['🚨 (no title)']);
    const byAda = { ...post, username: 'Ada', user_link: '//stackoverflow.com/u/5', revision_count: 2 };
    expect(example('posts', { ...byAda, link: '//stackoverflow.com/questions/1' })[1]).toBe(
      '[Ada](https://stackoverflow.com/u/5) · 1 rep · question on [stackoverflow.com](https://stackoverflow.com/questions/1) · edited',
    );
    expect(example('posts', { ...byAda, user_link: '//evil.example/u/5', revision_count: 1 })[1]).toBe(
      'Ada (//evil.example/u/5) · 1 rep · answer on [stackoverflow.com](https://stackoverflow.com/a/1)',
    );
  });

  it('of a derived event', () => {
    const derived = (model: string, type: EventType, object: EventObject) => example(model, object, { type });
    const more = { ...post, after: 41, deleted_after: 41, uncertainty: 12, tp: 2, fp: 1, naa: 0 };
    expect(derived('posts', 'deleted', more)).toEqual([
      '⚫ Deleted 41 s after the report: Buy **now** https://evil.example',
      'spammer · 1 rep · answer on [stackoverflow.com](https://stackoverflow.com/a/1)',
      '2 tp · 1 fp · ± 12 s',
    ]);
    const title = (type: EventType) => derived('posts', type, { ...more, title: 'Buy' })[0];
    expect(title('undeleted')).toBe('🔁 Undeleted: Buy');
    expect(title('autoflagged')).toBe('🚩 Autoflagged 41 s after the report: Buy');
    expect(title('confirmed')).toBe('🔴 Confirmed 41 s after the report: Buy');
    expect(title('disputed')).toBe('⚠️ Disputed (2 tp, 1 fp): Buy');
    expect(title('false_positive')).toBe('🟢 False positive: Buy');
    expect(title('flagged_not_spam')).toBe('🏳️ Flagged automatically, but not called spam: Buy');
    expect(title('autoflagged_false_positive')).toBe('🟢 False positive, and autoflagged: Buy');
    expect(title('lingering')).toBe('⏳ Still up 41 s after the report: Buy');
    expect(derived('smoke_detectors', 'silent', { name: 'ann/attic' })).toEqual(['🔇 ann/attic is silent']);
    expect(derived('smoke_detectors', 'back', { name: 'ann/attic', silent_for_seconds: 240 })).toEqual([
      '🔊 ann/attic is back after 4 min of silence',
    ]);
    expect(derived('statistics', 'quota_low', { smoke_detector_id: 7, api_quota: 901, quota_below: 1000 })).toEqual([
      '🪫 SmokeDetector 7: API quota is low (below 1,000)',
      '901 API quota left',
    ]);
    const lost = { name: 'metasmoke', reason: 'closed', since: '2026-01-02T03:00:00.000Z', lost_for_seconds: 120 };
    expect(derived('source', 'lost', lost)).toEqual([
      '📡 No connection to metasmoke',
      'since 2026-01-02 04:00 CET · 2 min long · closed',
    ]);
    expect(derived('source', 'back', lost)[0]).toBe('🔌 Connected to metasmoke again');
  });

  it('of a feedback', () => {
    const feedback = { feedback_type: 'tpu-', user_name: 'Ann', post_id: 5, is_invalidated: false };
    expect(example('feedbacks', feedback)).toEqual(['🔴 tpu- by Ann on post 5']);
    expect(example('feedbacks', { ...feedback, feedback_type: 'fp', user_name: null })).toEqual(['🟢 fp on post 5']);
    expect(example('feedbacks', { ...feedback, feedback_type: 'naa-' })).toEqual(['🟠 naa- by Ann on post 5']);
    expect(example('feedbacks', { ...feedback, feedback_type: 'ignore' })).toEqual(['⚪ ignore by Ann on post 5']);
    expect(example('feedbacks', { ...feedback, is_invalidated: true }, { type: 'update' })).toEqual([
      '⚪ tpu- by Ann on post 5 was invalidated',
    ]);
    expect(example('feedbacks', feedback, { type: 'destroy' })).toEqual(['⚪ tpu- by Ann on post 5 was taken back']);
  });

  it('of a flag', () => {
    const flag = { success: true, is_auto: true, is_dry_run: null, flag_type: 'spam', post_id: 5, backoff: 0 };
    expect(example('flag_logs', flag)).toEqual(['🚩 Autoflagged as spam: post 5']);
    expect(example('flag_logs', { ...flag, is_auto: false })).toEqual(['🚩 Flagged as spam: post 5']);
    expect(example('flag_logs', { ...flag, is_dry_run: true })).toEqual(['🧪 Dry run as spam: post 5']);
    expect(example('flag_logs', { ...flag, flag_type: 'other', comment: 'Look' })).toEqual([
      '🚩 Moderator flag on a disputed post: post 5',
      'Look',
    ]);
    expect(example('flag_logs', { ...flag, flag_type: null })).toEqual(['🚩 Autoflagged: post 5']);
  });

  it('of a flag that failed: who, why and for how long in one line', () => {
    const failed = { id: 7, success: false, is_auto: true, flag_type: 'spam', post_id: 5, backoff: 30 };
    const why = { ...failed, error_message: 'No flags left\nX-Request-Id: 1' };
    expect(example('flag_logs', why)).toEqual(['❗ Flag as spam failed: post 5', 'No flags left · back off for 30 s']);
    expect(example('flag_logs', why, {}, { flaggers: { 7: 'Ann' } })[1]).toBe(
      'by Ann · No flags left · back off for 30 s',
    );
    expect(example('flag_logs', { ...why, user_id: 5, backoff: 0 })[1]).toBe('by user 5 · No flags left');
  });

  it('of a flag that was cast: metasmoke writes its waiting time, or 0, as an error message', () => {
    const cast = { success: true, is_auto: true, flag_type: 'spam', post_id: 5 };
    for (const object of [
      { ...cast, error_message: '0', backoff: 0 },
      { ...cast, error_message: '12', backoff: 12 },
    ])
      expect(example('flag_logs', object)).toEqual(['🚩 Autoflagged as spam: post 5']);
  });

  it('of a deletion', () => {
    expect(example('deletion_logs', { post_id: 5, is_deleted: true, uncertainty: 30 })).toEqual([
      '⚫ Deleted (± 30 s): post 5',
    ]);
    expect(example('deletion_logs', { post_id: 5, is_deleted: true, uncertainty: 0 })).toEqual(['⚫ Deleted: post 5']);
    expect(example('deletion_logs', { post_id: 5, is_deleted: false, uncertainty: null })).toEqual([
      '🔁 Undeleted: post 5',
    ]);
  });

  it('of a post by its verdict: naa is neither red nor green, and two sides are a dispute', () => {
    const looks = (flags: EventObject) => {
      const { title, color } = render(catalogue.model('posts')!, { ...post, ...flags }, { type: 'update' });
      return [[...line(title)][0], color];
    };
    expect(looks({ is_tp: true })).toEqual(['🔴', '#f85149']);
    expect(looks({ is_fp: true })).toEqual(['🟢', '#3fb950']);
    expect(looks({ is_naa: true })).toEqual(['🟠', '#f0883e']);
    expect(looks({ is_tp: true, is_fp: true })).toEqual(['⚠', '#f0883e']);
  });

  it('of a post that was undeleted, or still stands: not when it was deleted, which metasmoke never clears', () => {
    const stale = { ...post, is_tp: true, deleted_at: new Date(now - 18_000_000).toISOString(), after: 41 };
    for (const type of ['undeleted', 'lingering'] as const)
      expect(example('posts', stale, { type }).join('\n')).not.toMatch(/deleted 5 h ago/);
  });

  it('of a SmokeDetector: up, late after 90 s, down after 180 s, standing by', () => {
    const smokey = (seconds: number, more: EventObject = {}) =>
      example(
        'smoke_detectors',
        { name: 'ann/attic', location: 'attic', last_ping: new Date(now - seconds * 1000).toISOString(), ...more },
        { type: 'update' },
      );
    expect(smokey(30)).toEqual(['🟢 ann/attic is up', 'attic · last ping 30 s ago']);
    expect(smokey(91)[0]).toBe('🟠 ann/attic is late');
    expect(smokey(181)[0]).toBe('🔴 ann/attic is down');
    expect(smokey(30, { is_standby: true })[0]).toBe('💤 ann/attic stands by');
  });

  it('of the other models', () => {
    expect(
      example('statistics', { smoke_detector_id: 7, posts_scanned: 1234, api_quota: 9876, post_scan_rate: 2.004 }),
    ).toEqual(['📊 SmokeDetector 7', '1,234 posts scanned · 2 posts/s · 9,876 API quota left']);
    expect(
      example('announcements', { text: 'Down on **Sunday**\n# at six', expiry: '2026-01-03T03:00:00.000Z' }),
    ).toEqual(['📣 Announcement', '> Down on **Sunday**', '> # at six', 'until 2026-01-03 04:00 CET']);
    const html = '<p>Down on <b>Sunday</b> &amp; Monday</p><script>x()</script><a href="https://a.example">why</a>';
    expect(example('announcements', { text: html })).toEqual([
      '📣 Announcement',
      '> Down on Sunday & Monday',
      '> why (https://a.example)',
    ]);
    expect(example('post_comments', { post_id: 5, text: 'Same as last week' })).toEqual([
      '💬 Comment on post 5',
      '> Same as last week',
    ]);
    expect(example('spam_domains', { domain: 'evil.example', whois: null })).toEqual([
      '🌐 Spam domain added',
      '`evil.example`',
    ]);
    expect(example('domain_tags', { name: 'seo', special: true, description: 'Sells links' })).toEqual([
      '🔖 Domain tag added',
      '`seo` · special',
      'Sells links',
    ]);
    expect(example('review_results', { review_item_id: 9, result: 'tp' })).toEqual(['🔎 Review of item 9: tp']);
  });

  it('of a model without a template', () => {
    expect(example('reasons', { id: 3, reason_name: 'Bad keyword', weight: 60 })).toEqual([
      '🆕 Reason 3 created',
      'reason_name: Bad keyword · weight: 60',
    ]);
  });
});

describe('what a reader sees of a push', () => {
  const push = (object: EventObject) =>
    seen(
      renderer.render(
        eventOf(object, { class: 'Ref', model: 'ref', type: 'update', rowId: null, subject: 'source:metasmoke' }),
        null,
        context,
      ).message,
    );
  const commit = (message: string) => ({ id: 'c0ffee', message, author: { name: 'Ann', email: 'ann@mail.example' } });

  it('is what its commits say, one line each, as text', () => {
    const object = {
      ref: 'refs/heads/master',
      commits: [commit('Watch **evil.example**\n\nLong text'), commit(`Fix ${'long '.repeat(40)}`)],
      repository: { full_name: 'Charcoal-SE/SmokeDetector' },
      pusher: { name: 'ann', email: 'ann@mail.example' },
    };
    expect(push(object)).toEqual([
      '⬆️ 2 commits to Charcoal-SE/SmokeDetector (refs/heads/master) by ann',
      '- Watch **evil.example**',
      `- Fix ${'long '.repeat(19).trim()}…`,
    ]);
    expect(push({ ...object, commits: [commit('a')] })[0]).toMatch(/1 commit to/);
  });

  it('is five commits at most, and no address of a person', () => {
    const shown = push({ commits: ['1', '2', '3', '4', '5', '6'].map(commit) });
    expect(shown).toEqual(['⬆️ 6 commits', '- 1', '- 2', '- 3', '- 4', '- 5', 'and more']);
  });

  it('links to the comparison on GitHub, and nowhere else', () => {
    const url = (compare: string) =>
      renderer.render(
        eventOf({ commits: [commit('a')], compare }, { class: 'Ref', model: 'ref', type: 'update', rowId: null }),
        null,
        context,
      ).message.url;
    expect(url('https://github.com/Charcoal-SE/SmokeDetector/compare/a...b')).toMatch(/^https:\/\/github\.com\//);
    expect(url('https://evil.example/?https://github.com/')).toBeNull();
  });

  it('is the state of a check, if it has no commits', () => {
    const status = {
      state: 'failure',
      context: 'ci/circleci',
      name: 'Charcoal-SE/SmokeDetector',
      description: '1 failed',
    };
    expect(push(status)).toEqual(['❌ ci/circleci: failure on Charcoal-SE/SmokeDetector', '1 failed']);
  });
});

describe('what a reader sees with what the store knows', () => {
  const known = {
    post: { title: 'Buy **now**', link: '//stackoverflow.com/a/1' },
    related: { user: { username: 'Ann' } },
    site: { name: 'Super User' },
  };
  const link = '[stackoverflow.com](https://stackoverflow.com/a/1)';
  const show = (model: string, object: EventObject, type: EventType = 'create', more: Context = known) =>
    example(model, { ...object }, { type }, more);

  it('is the title and the link of the post', () => {
    const vote = { feedback_type: 'tp', user_name: null, user_id: 5, post_id: 5 };
    expect(show('feedbacks', vote)).toEqual(['🔴 tp by Ann: Buy **now**', link]);
    expect(show('feedbacks', vote, 'destroy')[0]).toBe('⚪ tp by Ann was taken back: Buy **now**');
    expect(show('deletion_logs', { post_id: 5, is_deleted: true, uncertainty: 30 })).toEqual([
      '⚫ Deleted (± 30 s): Buy **now**',
      link,
    ]);
    const flag = { success: true, is_auto: true, flag_type: 'spam', post_id: 5 };
    expect(show('flag_logs', flag)).toEqual(['🚩 Autoflagged as spam: Buy **now**', `by Ann · ${link}`]);
    expect(show('post_comments', { post_id: 5, text: 'Again' })).toEqual([
      '💬 Comment by Ann: Buy **now**',
      '> Again',
      link,
    ]);
    expect(show('review_results', { review_item_id: 9, result: 'tp' })).toEqual([
      '🔎 Review by Ann: tp on Buy **now**',
      link,
    ]);
    expect(show('review_items', { reviewable_type: 'Post', reviewable_id: 5, completed: false })).toEqual([
      '🔎 Review wanted: Buy **now**',
      link,
    ]);
  });

  it('is that an admin is asked for', () => {
    expect(show('flags', { post_id: 5, is_completed: false })).toEqual(['🙋 An admin is asked for: Buy **now**', link]);
    expect(show('flags', { post_id: 5, is_completed: true }, 'update')[0]).toBe(
      '✅ An admin has handled it: Buy **now**',
    );
    expect(show('flags', { post_id: 5 }, 'create', {})).toEqual(['🙋 An admin is asked for: post 5']);
  });

  it('is the names of people, sites, domains and detectors, otherwise their ids', () => {
    expect(show('moderator_sites', { user_id: 5, site_id: 7 })).toEqual(['🛡️ Ann is a moderator of Super User']);
    expect(show('moderator_sites', { user_id: 5, site_id: 7 }, 'destroy', {})).toEqual([
      '🛡️ User 5 is no longer a moderator of site 7',
    ]);
    const condition = { user_id: 5, flags_enabled: false, min_weight: 280, max_poster_rep: 1, min_reason_count: 1 };
    expect(show('flag_conditions', condition)).toEqual([
      '⚙️ Flag condition of Ann added (off)',
      'weight from 280 · up to 1 rep · at least 1 reason',
    ]);
    const related = {
      ...known.related,
      creator: { username: 'Bob' },
      left: { domain: 'a.example' },
      right: { domain: 'b.example' },
      reportable: { domain: 'evil.example' },
      abuse_contact: { name: 'Hoster' },
      smoke_detector: { name: 'ann/attic' },
    };
    const report = { user_id: 5, reportable_type: 'SpamDomain', reportable_id: 8, details: 'Sells links' };
    expect(show('abuse_reports', report, 'create', { related })).toEqual([
      '📨 Abuse report by Ann: evil.example',
      'to Hoster',
      'Sells links',
    ]);
    expect(show('abuse_reports', report, 'create', {})[0]).toBe('📨 Abuse report: SpamDomain · 8');
    expect(show('abuse_comments', { user_id: 5, abuse_report_id: 3, text: 'Sent' })).toEqual([
      '💬 Comment by Ann on abuse report 3',
      '> Sent',
    ]);
    const pair = { left_id: 1, right_id: 2, link_type: 'alias', comments: 'Same owner' };
    expect(show('domain_links', pair, 'create', { related })).toEqual([
      '🔗 Domain link by Bob',
      '`a.example` · `b.example` · alias',
      'Same owner',
    ]);
    expect(show('domain_links', pair, 'create', {})[1]).toBe('`domain 1` · `domain 2` · alias');
    expect(show('statistics', { smoke_detector_id: 7, posts_scanned: 1 }, 'create', { related })).toEqual([
      '📊 SmokeDetector 7 (ann/attic)',
      '1 post scanned',
    ]);
  });

  it('is the names that the row of a model without a template has as ids', () => {
    expect(show('user_site_settings', { id: 3, max_flags: 2, user_id: 5 })).toEqual([
      '🆕 UserSiteSetting 3 created',
      'max_flags: 2',
      'Buy **now** · user: Ann · site: Super User',
    ]);
    expect(show('user_site_settings', { id: 3, max_flags: 2, user_id: 5 }, 'create', {})[2]).toBe('user: 5');
  });
});

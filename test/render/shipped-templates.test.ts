import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FieldType } from '../../src/catalogue/catalogue.ts';
import { typesOf } from '../../src/catalogue/event-spec.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { isTrustedUrl, links } from '../../src/metasmoke/links.ts';
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
  ...['post_comments', 'spam_domains', 'domain_tags', 'review_results', 'source'],
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

function render(model: (typeof models)[number], object: EventObject, more: Partial<Event> = {}): Message {
  const { message, failure } = renderer.render(
    eventOf(object, { model: model.name, class: model.class, ...more }),
    null,
    context,
  );
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

function example(model: string, object: EventObject, more: Partial<Event> = {}): readonly string[] {
  return seen(render(catalogue.model(model)!, object, more));
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
    fc.assert(
      fc.property(row, fc.constantFrom(...types), (object, type) => {
        const { urls, texts } = walk(render(model, object as EventObject, { type }));
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
      'spammer · 1 rep · [stackoverflow.com](https://stackoverflow.com/a/1)',
      'Why: Title - Bad keyword',
    ]);
    expect(example('posts', { ...post, is_tp: true }, { type: 'update' })).toEqual([
      '🔴 Buy **now** https://evil.example',
      'spammer · 1 rep · [stackoverflow.com](https://stackoverflow.com/a/1)',
      'spam (tp)',
    ]);
    const deleted = { ...post, is_tp: true, deleted_at: new Date(now - 120_000).toISOString() };
    expect(example('posts', deleted, { type: 'update' })[0]).toMatch(/^⚫/);
    expect(example('posts', deleted, { type: 'update' })[2]).toBe('spam (tp) · deleted 2 min ago');
    expect(example('posts', { ...post, is_fp: true }, { type: 'update' })[0]).toMatch(/^🟢/);
    expect(example('posts', post, { type: 'update' })[0]).toMatch(/^📝/);
    expect(example('posts', post, { type: 'destroy' })[0]).toBe('❌ Report removed: Buy **now** https://evil.example');
    expect(example('posts', {})).toEqual(['🚨 (no title)']);
  });

  it('of a derived event', () => {
    const derived = (model: string, type: EventType, object: EventObject) => example(model, object, { type });
    const more = { ...post, after: 41, deleted_after: 41, uncertainty: 12, tp: 2, fp: 1, naa: 0 };
    expect(derived('posts', 'deleted', more)).toEqual([
      '⚫ Deleted 41 s after the report: Buy **now** https://evil.example',
      'spammer · 1 rep · [stackoverflow.com](https://stackoverflow.com/a/1)',
      '2 tp · 1 fp · ± 12 s',
    ]);
    const title = (type: EventType) => derived('posts', type, { ...more, title: 'Buy' })[0];
    expect(title('undeleted')).toBe('🔁 Undeleted: Buy');
    expect(title('autoflagged')).toBe('🚩 Autoflagged 41 s after the report: Buy');
    expect(title('confirmed')).toBe('🔴 Confirmed 41 s after the report: Buy');
    expect(title('disputed')).toBe('⚠️ Disputed (2 tp, 1 fp): Buy');
    expect(title('false_positive')).toBe('🟢 False positive: Buy');
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
    expect(example('flag_logs', flag)).toEqual(['🚩 Autoflagged: post 5 as spam']);
    expect(example('flag_logs', { ...flag, is_auto: false })).toEqual(['🚩 Flagged: post 5 as spam']);
    expect(example('flag_logs', { ...flag, is_dry_run: true })).toEqual(['🧪 Dry run: post 5 as spam']);
    expect(example('flag_logs', { ...flag, flag_type: 'other', comment: 'Look' })).toEqual([
      '🚩 Moderator flag on a disputed post: post 5',
      'Look',
    ]);
    expect(example('flag_logs', { ...flag, success: false, error_message: 'No flags left', backoff: 30 })).toEqual([
      '❗ Flag failed: post 5 as spam',
      'No flags left',
      'back off for 30 s',
    ]);
  });

  it('of a deletion', () => {
    expect(example('deletion_logs', { post_id: 5, is_deleted: true, uncertainty: 30 })).toEqual([
      '⚫ Post 5 was deleted (± 30 s)',
    ]);
    expect(example('deletion_logs', { post_id: 5, is_deleted: false, uncertainty: null })).toEqual([
      '🔁 Post 5 was undeleted',
    ]);
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

  it('of a model without a template, or an unknown model', () => {
    expect(example('reasons', { id: 3, reason_name: 'Bad keyword', weight: 60 })).toEqual([
      '🆕 Reason 3 created',
      'reason_name: Bad keyword · weight: 60',
    ]);
    const ref = renderer.render(
      eventOf(
        { ref: 'refs/heads/a', commits: [{ message: 'b' }] },
        { class: 'Ref', model: 'ref', type: 'update', rowId: null },
      ),
      null,
      context,
    );
    expect(seen(ref.message)).toEqual(['📝 Ref updated', 'ref: refs/heads/a']);
  });
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { derivedTypes } from '../../src/words.ts';
import { createTestApp } from '../support/test-app.ts';

const seed = 20261129;
const numberOfLives = 60;
const numberOfSteps = 10;

/** Time after a deletion within which a second report may be late, ms. */
const reportedAgainMs = 5 * 60_000;

const verdicts = ['tp', 'fp', 'naa', 'ignore'] as const;
type Verdict = (typeof verdicts)[number];

/** What happens next in the life of a post. `twin`: it comes for the second report of the post, if there is one. */
const steps = fc.oneof(
  fc.record({
    kind: fc.constant('vote' as const),
    user: fc.integer({ min: 1, max: 3 }),
    verdict: fc.constantFrom(...verdicts),
    twin: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('autoflag' as const), twin: fc.boolean() }),
  fc.record({ kind: fc.constant('deletion' as const), twin: fc.boolean() }),
  fc.record({ kind: fc.constant('undeletion' as const), twin: fc.boolean() }),
  fc.record({ kind: fc.constant('edit' as const), twin: fc.boolean() }),
  fc.record({ kind: fc.constant('removal' as const), twin: fc.constant(false) }),
  fc.record({ kind: fc.constant('second report' as const), twin: fc.constant(false) }),
);
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

/** A post as the site and metasmoke know it: what the texts are compared with. */
interface Life {
  /** Ids of its reports; the second is its twin's. */
  readonly ids: readonly [number, number];
  readonly steps: readonly Step[];
  readonly votes: Map<number, { readonly id: number; readonly post: number; readonly verdict: Verdict }>;
  /** The columns that metasmoke does not keep up to date, by the id of the report. */
  readonly rows: Map<number, Record<string, unknown>>;
  reportedAt: number;
  deletedAt: number | null;
  wasUndeleted: boolean;
  /** It was reported again some time after its deletion. */
  isUpAgain: boolean;
  isAutoflagged: boolean;
  isRemoved: boolean;
  edits: number;
}

let nextId = 50_000;

/** Does a step. Returns the messages that metasmoke sends about it. */
function live(life: Life, step: Step, now: number): readonly object[] {
  const at = new Date(now).toISOString();
  const row = (event_type: string, event_class: string, object: object) => ({
    event_type,
    event_class,
    object: { created_at: at, updated_at: at, ...object },
  });
  const report = (id: number, type: string, changes: object) => {
    const object = { ...life.rows.get(id), ...changes };
    life.rows.set(id, object);
    return row(type, 'Post', { id, ...object, updated_at: at });
  };
  const post = step.twin && life.rows.has(life.ids[1]) ? life.ids[1] : life.ids[0];
  switch (step.kind) {
    case 'vote': {
      const { user, verdict } = step;
      const old = life.votes.get(user);
      const id = nextId++;
      life.votes.set(user, { id, post, verdict });
      const columns = { user_id: user, user_name: `Ann${user}` };
      const sent = [row('create', 'Feedback', { id, post_id: post, feedback_type: `${verdict}-`, ...columns })];
      if (old !== undefined) sent.push(row('destroy', 'Feedback', { id: old.id, post_id: old.post, ...columns }));
      return sent;
    }
    case 'autoflag':
      life.isAutoflagged = true;
      return [row('create', 'FlagLog', { id: nextId++, post_id: post, success: true, is_auto: true, user_id: 7 })];
    case 'deletion': {
      if (life.deletedAt !== null) return [];
      life.deletedAt = now;
      return [
        row('create', 'DeletionLog', { id: nextId++, post_id: post, is_deleted: true }),
        // It is set once.
        report(post, 'update', { deleted_at: life.rows.get(post)?.deleted_at ?? at }),
      ];
    }
    case 'undeletion': {
      if (life.deletedAt === null) return [];
      life.deletedAt = null;
      life.wasUndeleted = true;
      return [row('create', 'DeletionLog', { id: nextId++, post_id: post, is_deleted: false })];
    }
    case 'edit':
      return [report(post, 'update', { title: `Post${life.ids[0]}. edit${++life.edits}`, body: `${life.edits}` })];
    case 'removal':
      if (life.rows.has(life.ids[1])) return [];
      life.isRemoved = true;
      return [row('destroy', 'Post', { id: post, ...life.rows.get(post) })];
    case 'second report': {
      const [first, second] = life.ids;
      // It is up again.
      const isAgain = !life.rows.has(second) && life.deletedAt !== null && life.deletedAt <= now - reportedAgainMs;
      if (isAgain) Object.assign(life, { deletedAt: null, isUpAgain: true });
      return life.rows.has(second)
        ? []
        : [report(second, 'create', { ...life.rows.get(first), created_at: at, deleted_at: null })];
    }
    default:
      return step satisfies never;
  }
}

const count = (life: Life, wanted: Verdict) =>
  [...life.votes.values()].filter(({ verdict }) => verdict === wanted).length;

/** The number before a word in a text; 0 without one. */
const numberOf = (text: string, word: string) => Number(new RegExp(`(\\d+) ${word}\\b`).exec(text)?.[1] ?? 0);

/** Returns the whole seconds of `deleted 1 min 5 s after the report`; null if the text has none. */
function deletedAfter(text: string): number | null {
  const said = /[Dd]eleted (.+?) after the report/.exec(text)?.[1];
  if (said === undefined) return null;
  const units: Readonly<Record<string, number>> = { s: 1, min: 60, h: 3_600 };
  return [...said.matchAll(/(\d+) (s|min|h)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit!]!, 0);
}

/** Compares a card with the life of its post. */
function checkCard(card: string, life: Life): void {
  const isDeleted = life.deletedAt !== null && !life.isRemoved;
  const stands = life.deletedAt === null && !life.isRemoved;
  expect(
    {
      removed: card.includes('the report was removed'),
      deleted: /\bdeleted\b/.test(card) && !card.includes('undeleted'),
      after: deletedAfter(card),
      up: card.includes('still up'),
      undeleted: card.includes('undeleted, still up'),
      autoflagged: card.includes('autoflagged'),
      conflict: card.includes('conflict'),
      tp: numberOf(card, 'tp'),
      fp: numberOf(card, 'fp'),
      naa: numberOf(card, 'naa'),
    },
    card,
  ).toEqual({
    removed: life.isRemoved,
    deleted: isDeleted,
    after: isDeleted ? (life.deletedAt! - life.reportedAt) / 1_000 : null,
    up: stands,
    undeleted: stands && life.wasUndeleted,
    autoflagged: life.isAutoflagged,
    conflict: count(life, 'tp') > 0 && count(life, 'fp') > 0,
    tp: count(life, 'tp'),
    fp: count(life, 'fp'),
    naa: count(life, 'naa'),
  });
}

/** Compares a message about an update of the report's row with the life of its post. */
function checkUpdate(text: string, life: Life): void {
  const votes = count(life, 'tp') + count(life, 'fp') + count(life, 'naa');
  expect(
    {
      deleted: /\bdeleted\b/.test(text),
      grey: text.startsWith('⚫'),
      verdicts: ['tp', 'fp', 'naa'].filter((verdict) => text.includes(`(${verdict})`)),
    },
    text,
  ).toEqual({
    deleted: life.deletedAt !== null,
    grey: life.deletedAt !== null,
    verdicts: votes === 0 ? [] : ['tp', 'fp', 'naa'].filter((verdict) => count(life, verdict as Verdict) > 0),
  });
}

/** Compares a message about a derived event with the life of its post. */
function checkDerived(text: string, life: Life): void {
  const [tp, fp, naa] = [count(life, 'tp'), count(life, 'fp'), count(life, 'naa')];
  const holds: Readonly<Record<string, boolean>> = {
    '⚫ Deleted': life.deletedAt !== null,
    '🔁 Undeleted': life.deletedAt === null && (life.wasUndeleted || life.isUpAgain),
    '🚩 Autoflagged': life.isAutoflagged,
    '🔴 Confirmed': tp > 0,
    '⚠️ Disputed': tp > 0 && fp > 0,
    '🟢 False positive': fp > 0 && tp === 0,
    '🏳️ Flagged automatically, but not called spam': life.isAutoflagged && fp + naa + count(life, 'ignore') > 0,
  };
  const [, isSo] = Object.entries(holds).find(([begin]) => text.startsWith(begin)) ?? [];
  expect(isSo, text).toBe(true);
  const after = deletedAfter(text);
  if (after !== null) expect(after).toBe((life.deletedAt! - life.reportedAt) / 1_000);
  if (text.startsWith('⚠️')) expect([numberOf(text, 'tp'), numberOf(text, 'fp')], text).toEqual([tp, fp]);
}

it(`every text agrees with the life of its post, over ${numberOfLives} random lives (seed ${seed})`, async () => {
  const room = (name: string) => `{ to: "matrix:!${name}:a.org", waves: off }`;
  const derived = derivedTypes.filter((type) => !['lingering', 'silent', 'lost', 'back', 'quota_low'].includes(type));
  const app = await createTestApp({
    config: [
      `rooms: { cards: ${room('cards')}, updates: ${room('updates')}, derived: ${room('derived')} }`,
      'subscriptions:',
      '  - { events: posts#create, rooms: cards, card: true, merge_reports: 30d }',
      '  - { events: posts#update, rooms: updates }',
      `  - { events: ${derived.map((type) => `posts#${type}`).join(';')}, rooms: derived }`,
    ].join('\n'),
  });
  const lists = fc.sample(fc.array(steps, { minLength: numberOfSteps, maxLength: numberOfSteps }), {
    seed,
    numRuns: numberOfLives,
  });
  const at = new Date(app.clock.now()).toISOString();
  const lives = lists.map(
    (list, n): Life => ({
      ...{ ids: [n + 1, n + 1_001], steps: list, votes: new Map(), reportedAt: app.clock.now(), edits: 0 },
      ...{ deletedAt: null, wasUndeleted: false, isUpAgain: false, isAutoflagged: false, isRemoved: false },
      rows: new Map([
        [n + 1, { title: `Post${n + 1}.`, link: `//a.stackexchange.com/q/${n + 1}`, created_at: at, deleted_at: null }],
      ]),
    }),
  );
  const lifeOf = (text: string) => lives.find(({ ids }) => text.includes(`Post${ids[0]}.`))!;
  const seen = { updates: 0, derived: 0 };
  await app.hear(
    ...lives.map(({ ids: [id], rows }) => ({
      ...{ event_type: 'create', event_class: 'Post' },
      object: { id, updated_at: at, ...rows.get(id) },
    })),
  );
  await app.listen(60_000);
  for (let n = 0; n < numberOfSteps; n++) {
    for (const life of lives) {
      if (life.isRemoved) continue;
      await app.hear(...live(life, life.steps[n]!, app.clock.now()));
    }
    await app.listen(60_000);
    const cards = app.platform.shown('!cards:a.org');
    expect(cards).toHaveLength(numberOfLives);
    for (const card of cards) checkCard(card, lifeOf(card));
    const updates = app.platform.shown('!updates:a.org');
    for (const text of updates.slice(seen.updates)) checkUpdate(text, lifeOf(text));
    const conclusions = app.platform.shown('!derived:a.org');
    for (const text of conclusions.slice(seen.derived)) checkDerived(text, lifeOf(text));
    Object.assign(seen, { updates: updates.length, derived: conclusions.length });
  }
  expect(seen.updates).toBeGreaterThan(numberOfLives / 2);
  expect(seen.derived).toBeGreaterThan(numberOfLives);
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';

let rig: CommandsRig;
beforeAll(async () => {
  rig = await createCommandsRig({ room: 'console:a' });
});
afterAll(() => rig.stop());

const run = (text: string) =>
  rig.commands.run({
    key: null,
    platform: 'console',
    room: 'a',
    direct: false,
    asker: { id: 'console', roles: [], manages: true, power: null },
    said: { kind: 'line', text },
    answered: 'free',
    about: null,
  });

/** One misspelt place in a name. */
const slip = (name: string) =>
  fc
    .integer({ min: 0, max: name.length - 2 })
    .chain((at) =>
      fc.constantFrom(
        name,
        name.toUpperCase(),
        name.slice(0, at) + name.slice(at + 1),
        name.slice(0, at) + name[at + 1] + name[at] + name.slice(at + 2),
        name.slice(0, at) + name[at] + name.slice(at),
      ),
    );
const marks = ['--', '', '-', '---', '—', '–', '−−', '‐-', '-- ', '- ', '— ', '/', '+', '–-', '*', '—-', '--\u00a0'];
const ends = [' ', '=', ': ', ' = ', ':', ' -- '];
/** `--where <value>` as people may write it. */
const garbled = (name: string, value: string) =>
  fc.oneof(
    fc.constant(`--${name} ${value}`),
    fc
      .tuple(fc.constantFrom(...marks), slip(name), fc.constantFrom(...ends))
      .map(([mark, written, end]) => `${mark}${written}${end}${value}`),
  );

const conditions = ['object.user_reputation < 50', '"object.is_naa"', '!object.is_fp', "“object.title.contains('x')”"];
const plain = (condition: string) => condition.replaceAll(/^["“]|["”]$/g, '');
const part = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
/** An option with what it says, and the text for it. */
const written = (name: string, values: readonly string[]) =>
  part(fc.constantFrom(...values).chain((value) => garbled(name, value).map((text) => ({ text, value }))));

const lineOf = (words: readonly (string | null)[]) => words.filter((word) => word !== null).join(' ');

describe('an option that is garbled', () => {
  it('never makes a mute wider than what was typed', async () => {
    const { db } = rig.outbox.store;
    const typed = fc.record({
      events: part(fc.constantFrom('posts#create', 'feedbacks#create;flag_logs#create')),
      time: part(fc.constantFrom('for 2h', 'until 18:00', '90m')),
      where: written('where', conditions),
      except: written('except', ['posts#update', 'feedbacks#create']),
      reason: written('reason', ['noisy', '"too noisy"', 'too many posts']),
      order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
    });
    let made = 0;
    await fc.assert(
      fc.asyncProperty(typed, async ({ events, time, where, except, reason, order }) => {
        const rest = [time, where?.text ?? null, except?.text ?? null, reason?.text ?? null];
        await run(lineOf(['mute', events, ...order.map((at) => rest[at] ?? null)]));
        const rows = await db.selectFrom('mutes').select(['events', 'where', 'except']).execute();
        await db.deleteFrom('mutes').execute();
        const meant = { events, where: where === null ? null : plain(where.value), except: except?.value ?? null };
        if (rows.length > 0) expect(rows).toEqual([meant]);
        made += rows.length;
      }),
      { numRuns: 1_000 },
    );
    expect(made).toBeGreaterThan(50);
  });

  it('never makes a subscription wider than what was typed', async () => {
    const { db } = rig.outbox.store;
    const typed = fc.record({
      events: fc.constantFrom('feedbacks#create', 'flag_logs#create;posts#update'),
      where: written('where', ['event.backfilled', '"event.type == \'create\'"']),
      template: written('template', ['post', 'default']),
      isTurned: fc.boolean(),
    });
    let made = 0;
    await fc.assert(
      fc.asyncProperty(typed, async ({ events, where, template, isTurned }) => {
        const rest = [where?.text ?? null, template?.text ?? null];
        await run(lineOf(['subscribe', events, ...(isTurned ? rest.toReversed() : rest)]));
        const rows = await db.selectFrom('subscriptions').select(['id', 'events', 'where', 'template']).execute();
        await db.deleteFrom('subscriptions').execute();
        for (const { id } of rows) rig.live.remove(id);
        const meant = { events, where: where === null ? null : plain(where.value), template: template?.value ?? null };
        if (rows.length > 0) expect(rows.map(({ id: _, ...row }) => row)).toEqual([meant]);
        made += rows.length;
      }),
      { numRuns: 500 },
    );
    expect(made).toBeGreaterThan(50);
  });
});

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toPlain } from '../../src/adapters/matrix/format/plain.ts';
import { listAudit } from '../../src/commands/audit.ts';
import { offer } from '../../src/commands/command.ts';
import type { Answer, Invocation, Offer } from '../../src/commands/invocation.ts';
import { insertSubscription } from '../../src/rooms/stored-subscriptions.ts';
import type { Event } from '../../src/words.ts';
import { codePoint } from '../support/code-point.ts';
import { type CommandsRig, createCommandsRig, type HeardCommands } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';
import type { OutboxRig } from '../support/outbox-rig.ts';

let rig: CommandsRig;
let commands: HeardCommands;
let outbox: OutboxRig;

beforeEach(async () => {
  rig = await createCommandsRig();
  ({ commands, outbox } = rig);
});
afterEach(() => rig.stop());

const owner: Invocation['asker'] = { id: '@owner:a.org', roles: [], manages: true, power: 100 };
const reader: Invocation['asker'] = { id: '@reader:a.org', roles: [], manages: false, power: 0 };

let keys = 0;
const invocation = (text: string, more: Partial<Invocation> = {}): Invocation => ({
  key: `matrix:$${keys++}`,
  platform: 'matrix',
  room: '!a:a.org',
  direct: false,
  asker: owner,
  said: { kind: 'line', text },
  answered: 'free',
  about: null,
  ...more,
});

const textOf = (answer: Answer | null) => (answer === null ? null : toPlain(answer.message.body).replaceAll('`', ''));
/** What a room shows, without the signs of code. */
const shown = () => outbox.shown('!a:a.org').map((text) => text.replaceAll('`', ''));
const say = async (text: string, more: Partial<Invocation> = {}) => textOf(await commands.run(invocation(text, more)));

/** The ids of the mutes that an answer lists. */
const mutesIn = (text: string | null) => [...(text ?? '').matchAll(/^- (m\d+) /gm)].map(([, id]) => id);

const deliver = (event: Event) => outbox.deliver(event, ['matrix:!a:a.org']);

describe('commands', () => {
  it('subscribe a room from the next event on, and ask the source for it', async () => {
    expect(await say('subscribe flag_logs#create --where object.success')).toContain('This room now receives');
    expect(rig.asked).toEqual(['flag_logs#create;posts#create']);
    expect(rig.live.router.route(anEvent({ model: 'flag_logs', object: { success: true } }), null)).toMatchObject([
      { room: 'matrix:!a:a.org' },
    ]);
    expect(await say('subscriptions')).toMatch(/flag_logs#create where object.success, by @owner:a.org/);
  });

  it('take derived events as any other, and ask the source for what they are concluded from', async () => {
    const where = 'object.deleted_after > 60';
    expect(await say(`subscribe posts#deleted --where "${where}"`)).toContain('This room now receives posts#deleted');
    expect(rig.asked.at(-1)).toBe('deletion_logs#create,update,destroy;posts#create,update,destroy');
    expect(await say('subscriptions')).toContain(`posts#deleted where ${where}, by @owner:a.org`);
    expect(await say('subscribe posts#silent')).toContain(
      'posts#silent does not exist: did you mean smoke_detectors#silent',
    );
    expect(await say(`subscribe posts#create --where "${where}"`)).toContain('deleted_after');
    const derived = (id: number, parts: object) => ({ ...anEvent({ id }), origin: 'derived' as const, ...parts });
    await say('mute posts#deleted for 2h');
    await deliver(derived(1, { type: 'deleted' }));
    await deliver(derived(2, { type: 'confirmed' }));
    await outbox.clock.advance(5_000);
    expect(await outbox.deliveries()).toEqual(['muted', 'sent']);
    expect(await say('why post:2')).toMatch(/asks for posts#confirmed\..* confirmed \(concluded by Lookout\): sent/s);
    expect(await say('preview post post:1')).not.toContain('There is no');
    expect((await commands.run(invocation('preview source')))?.message.title).not.toBeNull();
  });

  it('refuse a condition that is too much for the room, with what would help', async () => {
    const where = (n: number) => `object.body.matches('(a[ab]{0,${110 + n}}){2}(a|b)$')`;
    const config = Array.from({ length: 5 }, (_, n) => `- { events: posts#create, rooms: a, where: "${where(n)}" }`);
    await rig.stop();
    rig = await createCommandsRig({ also: config.join('\n  ') });
    ({ commands, outbox } = rig);
    const said = await say(`subscribe posts#create --where "${where(9)}"`);
    expect(said).toMatch(
      /^With it, the conditions on posts#create would have size \d+ together in this room; the limit is 2500: use smaller patterns, or end one with unsubscribe\.$/,
    );
    expect(await say(`subscribe posts#update --where "${where(9)}"`)).toContain('This room now receives');
    for (let n = 0; n < 5; n++) expect(await say(`mute posts#create --where "${where(n)}"`)).toContain('Muted');
    expect(await say(`mute posts#create --where "${where(9)}"`)).toMatch(
      /^With it, .* in the mutes of this room; the limit is 2500: use smaller patterns, or end one with unmute\.$/,
    );
  });

  it('take conditions about the post of an event, and why says what is known of it', async () => {
    expect(await say('subscribe statistics#create --where subject.fp > 0')).toContain(
      'no event of statistics leads to a post, so that subject is unknown: ask about object alone',
    );
    expect(await say('subscribe feedbacks --where subject.fps > 0')).toContain('did you mean fp?');
    expect(await say('subscribe feedbacks#destroy --where subject.weight > 200')).toContain(
      'subject.weight stays unknown',
    );
    await say(`subscribe feedbacks#create --where "subject.fp > 1 && object.feedback_type == 'fp-'"`);
    expect(rig.asked.at(-1)).toContain('deletion_logs#create,update,destroy');
    const object = { feedback_type: 'fp-', user_id: 5, post_id: 1 };
    await outbox.deliver(anEvent({ model: 'feedbacks', id: 8, subject: 'post:1', object }), []);
    expect(await say('why post:1')).toContain(
      `asks for it only where subject.fp > 1 && object.feedback_type == 'fp-', and subject.fp now = 1, object.feedback_type = "fp-".`,
    );
  });

  it('say of a subscription that the room has it already, and from where', async () => {
    expect(await say('subscribe posts#create')).toMatch(
      /^The configuration has that already: [0-9a-f]{12} posts#create \(line 10 of the configuration\)\. Nothing was changed\.$/,
    );
    expect(await say('subscribe posts#create --template default')).toContain(
      'The first subscription that matches decides how a message looks, so another template has no effect.',
    );
    expect(rig.asked).toEqual([]);
    await say('subscribe flag_logs#create');
    expect(await say('subscribe flag_logs#create')).toMatch(
      /^This room has that subscription already: [0-9a-f]{12} flag_logs#create, by @owner:a\.org, on .*\. Nothing was changed\.$/,
    );
    await say('subscribe flag_logs');
    expect(await say('subscribe flag_logs#create --where object.success')).toMatch(
      /^Subscribed to flag_logs#create where object\.success\. .*\nNothing new will come: [0-9a-f]{12}, by @owner:a\.org, on \S+ and 1 other ask for all of it\.$/,
    );
    await say('unsubscribe flag_logs');
    expect(await say('subscribe posts#create --where object.is_naa')).toMatch(
      /\nNothing new will come: [0-9a-f]{12} \(line 10 of the configuration\) asks for all of it\.$/,
    );
  });

  it('subscribe a muted room, and say until when it is muted', async () => {
    await say('mute feedbacks for 1h');
    expect(await say('subscribe feedbacks')).not.toContain('muted');
    await say('mute for 2h');
    expect(await say('subscribe flag_logs')).toContain('The room is muted now: m2 until 2026-01-02 05:04 UTC.');
    const status = await say('status');
    expect(status).toContain('- Muted: m1 feedbacks#create,update until 2026-01-02 04:04 UTC, unmute m1 ends it');
    expect(status).toContain('- Muted: m2 the whole room until 2026-01-02 05:04 UTC, unmute m2 ends it');
  });

  it('take several events with commas between them', async () => {
    const answer = await say('subscribe feedbacks#create, flag_logs,deletion_logs#create,update');
    expect(answer).toContain('now receives deletion_logs#create,update;feedbacks#create;flag_logs#create,update.');
    expect(await say('subscribe posts, fedbacks')).toContain('There are no events "fedbacks": did you mean feedbacks?');
    expect(await say('subscribe posts#create,updte')).toContain('did you mean posts#update?');
    expect(await say('mute posts, feedbacks for 2h')).toContain(
      'Muted feedbacks#create,update;posts#create,update until',
    );
    expect(await say('mute --except posts#create, feedbacks#create')).toContain(
      'except feedbacks#create;posts#create until',
    );
    expect(await say('mute posts --where object.is_naa for 2 days')).toContain(
      'Muted posts#create,update where object.is_naa until 2026-01-04 03:04 UTC.',
    );
  });

  it('that undo a subscription leave a later one of the same events alone', async () => {
    const subscribe = async () => (await commands.run(invocation('subscribe flag_logs#create')))!.offers![0]!.line;
    const first = await subscribe();
    await say('unsubscribe flag_logs#create');
    await outbox.clock.advance(1);
    const second = await subscribe();
    expect(await say(first)).toContain('That subscription has ended.');
    expect(await say('subscriptions')).toContain('flag_logs#create');
    expect(await say(second)).toContain('no longer receives flag_logs#create');
  });

  it('that change something offer what undoes it, if a button can hold that', async () => {
    for (const [line, label] of [
      ['subscribe flag_logs#create', 'Undo'],
      ['unsubscribe flag_logs#create', 'Undo'],
      ['quiet 22:00-07:00', 'Undo'],
      ['mute feedbacks for 2h', 'Undo'],
    ] as const) {
      await outbox.clock.advance(31_000);
      const { offers = [] } = (await commands.run(invocation(line)))!;
      expect(offers.map((one) => one.label)).toEqual([label]);
      const undone = await commands.run(invocation(offers[0]!.line));
      expect(undone?.private).toBe(false);
      await commands.run(invocation(line));
    }
    expect(offer('Undo', `mute ${'x'.repeat(60)}`)).toEqual([]);
  });

  it('say which events tell again what the room is told anyway', async () => {
    expect(await say('subscribe feedbacks')).toContain(
      'feedbacks#update mostly repeats feedbacks#create, which this room receives: a feedback is saved again when the name of its author is known.',
    );
    expect(await say('subscribe review_items#create')).toContain(
      'review_items#create mostly repeats posts#create, which this room receives: every report makes a review item.',
    );
    expect(await say('subscribe deletion_logs#create')).not.toContain('mostly repeats');
    await say('unsubscribe feedbacks#create,update');
    expect(await say('subscribe posts#deleted')).toContain('mostly repeats deletion_logs#create');
  });

  it.each([
    ['mute all', 'The whole room: mute for 1h.'],
    ['mute everything for 2h', 'The whole room: mute for 2h.'],
    ['mute this room', 'The whole room: mute for 1h.'],
    [
      'subscribe xyzzy',
      'There are no events "xyzzy". Often used: posts, feedbacks, flag_logs, deletion_logs; all of them: docs/events.md',
    ],
    ['mute a', 'There are no events "a"'],
    ['subscribe psts#create', 'There are no events "psts": did you mean posts#create?'],
  ])('say what there is in place of events that there are not: %s', async (line, answer) => {
    expect((await say(line))?.startsWith(answer)).toBe(true);
  });

  it('take no room for events', async () => {
    await rig.stop();
    rig = await createCommandsRig({ room: 'console:a' });
    ({ commands, outbox } = rig);
    expect(await say('mute A for 2h', { platform: 'console', room: 'a' })).toBe('a is a room: /a mute for 2h.');
  });

  it('say what there is in place of what there is not, and the usage once', async () => {
    expect(await say('unsubscribe posts#create --where object.id')).toMatch(
      /^There is no option --where\. unsubscribe takes an id or events, as subscriptions lists them\.\n/,
    );
    expect(await say('help frobnicate')).toMatch(/^There is no command frobnicate\. Commands are subscribe, .*\.$/);
    expect((await say('status now'))?.match(/status$/gm)).toHaveLength(1);
    expect(await say('subscribe posts feedbacks')).toMatch(
      /^Several events need a comma: subscribe posts, feedbacks\n[\s\S]*\nUsage: subscribe <events> /,
    );
  });

  it('unsubscribe, and say why not where the file is the source', async () => {
    await say('subscribe flag_logs#create');
    expect(await say('unsubscribe flag_logs#create')).toContain('no longer receives flag_logs#create');
    expect(rig.asked.at(-1)).toBe('posts#create');
    expect(await say('unsubscribe posts#create')).toContain('in the configuration file');
    expect(await say('unsubscribe frobs')).toContain('has no subscription');
    await say('subscribe flag_logs, feedbacks');
    expect(await say('unsubscribe feedbacks')).toMatch(
      /^This room has no subscription feedbacks\. Name the one that you mean by its id:\n- [0-9a-f]{12} feedbacks#create,update;flag_logs#create,update, by .*$/,
    );
    expect(await say('unsubscribe flag_logs#update,create, feedbacks')).toContain('This room no longer receives');
  });

  it('change nothing for those who may not', async () => {
    for (const line of ['subscribe posts', 'unsubscribe posts#create', 'mute', 'unmute'])
      expect(await say(line, { asker: { ...reader, id: `@${line.slice(0, 4)}:a.org` } })).toContain('you may not');
    expect(await listAudit(outbox.store.db, 10, null)).toEqual([]);
  });

  it('are told from those of other bots', () => {
    expect(['mute', 'staus', 'play song', 'muted'].map(commands.isForUs)).toEqual([true, true, false, false]);
  });

  it('answer whoever asks', async () => {
    for (const line of ['subscriptions', 'status', 'preview post', 'why post:1', 'help', 'help mute'])
      expect(await say(line, { asker: reader })).not.toContain('may not');
  });

  it('are written down with who said them, where and when', async () => {
    await say('subscribe flag_logs#create');
    await say('mute for 2h --reason "known wave"');
    const now = outbox.clock.now();
    expect(await listAudit(outbox.store.db, 10, null)).toMatchObject([
      { at: now, address: 'matrix:!a:a.org', author: '@owner:a.org', command: 'subscribe' },
      { at: now, address: 'matrix:!a:a.org', author: '@owner:a.org', command: 'mute' },
    ]);
  });

  it('name their authors as they call themselves, with their ids, however hostile the name is', async () => {
    const mute = async (name: string, id: string) => {
      await outbox.clock.advance(31_000);
      const asker = { ...owner, id, name: async () => name };
      await say('mute posts#create for 1h', { asker });
      const listed = (await say('subscriptions')) ?? '';
      await say('unmute all', { asker });
      return /, by (.*)$/m.exec(listed)?.[1];
    };
    expect(await mute('Ada', '@ada:a.org')).toBe('Ada (@ada:a.org)');
    expect(await mute('**Ada**\n@room', '@ada:a.org')).toBe('**Ada**␤@room (@ada:a.org)');
    expect(await mute('\u202eadA', '@ada:a.org')).toBe('⟦U+202E⟧adA (@ada:a.org)');
    expect(await mute('A'.repeat(500), '@ada:a.org')).toBe(`${'A'.repeat(40)}… (@ada:a.org)`);
    // It would be taken for the id of somebody else.
    expect(await mute('Owner (@owner:a.org', '@eve:a.org')).toBe('@eve:a.org');
    expect(await mute('123456789012345678', '@eve:a.org')).toBe('@eve:a.org');
    expect(await mute(' ', '@eve:a.org')).toBe('@eve:a.org');
    await outbox.clock.advance(5_000);
    expect(shown().join('\n')).toContain('Ada (@ada:a.org) ended a mute: posts#create');
  });

  it('are run once, and answer the same when they come again', async () => {
    const again = invocation('subscribe flag_logs#create');
    const first = await commands.run(again);
    expect(await commands.run(again)).toEqual(first);
    expect(await listAudit(outbox.store.db, 10, null)).toHaveLength(1);
  });

  it('that were written before the start are not run, but answered again if they were', async () => {
    const old = invocation('mute for 2h', { isOld: true });
    expect(await commands.run(old)).toBeNull();
    expect(await listAudit(outbox.store.db, 10, null)).toEqual([]);
    const run = invocation('mute for 2h');
    const answer = await commands.run(run);
    expect(await commands.run({ ...run, isOld: true })).toEqual(answer);
    expect(await listAudit(outbox.store.db, 10, null)).toHaveLength(1);
  });

  it('that come at once are run one after the other, the same one once', async () => {
    const again = invocation('subscribe flag_logs#create');
    const lines = [
      'subscribe feedbacks#create',
      'subscribe feedbacks#create',
      'subscribe flags',
      'subscribe posts#update',
    ];
    const answers = await Promise.all([again, again, ...lines.map((line) => invocation(line))].map(commands.run));
    expect(answers[1]).toEqual(answers[0]);
    expect(textOf(answers[3] ?? null)).toContain('has that subscription already');
    expect(textOf(answers[5] ?? null)).toContain('may have 3');
    expect(await listAudit(outbox.store.db, 10, null)).toHaveLength(3);
  });

  it.each([
    ['mute posts for 2h "spam wave"', /^Muted posts#create,update until 2026-01-02 05:04 UTC \(spam wave\)/],
    ['mute posts “in hq”', /until 2026-01-02 04:04 UTC \(in hq\)/],
    ['mute tomorrow', /until 2026-01-03 00:00 UTC\./],
    ['mute --time "in 2h" --reason too noisy', /until 2026-01-02 05:04 UTC \(too noisy\)/],
    ['mute posts "for 2h"', /until 2026-01-02 05:04 UTC\./],
    ['mute posts for 2h "a" --reason b', /^Two reasons are given: a and b\.$/],
  ])('take for a reason what stands in quotes or behind its option: %s', async (line, answer) => {
    expect(await say(line)).toMatch(answer);
  });

  it.each([
    [
      'mute posts on stackoverflow.com for 2h',
      '"on stackoverflow.com for 2h" is not understood. A time comes right after the events: mute posts for 2h. A reason stands in quotes or behind --reason. Nothing was changed.',
    ],
    ['mute posts forever', '"forever" is not understood. A time comes'],
    ['mute posts fro 2 days', '"fro 2 days" is not understood. A time comes'],
    ['mute for 1h until 18:00', '"until 18:00" is not understood. A time comes'],
    ['mute for 1h ago', '"ago" is not understood. A time comes'],
    ['mute posts for ever', '"for ever" is not a time'],
    ['mute 2h too noisy', '"too noisy" is not understood. A time comes'],
    ['mute 2h "too" noisy', '""too" noisy" is not understood'],
    ['mute posts on "stackoverflow.com"', '"on" is not understood. A time comes'],
    ['mute --time "a known wave"', '"a known wave" is not understood. A time comes'],
    ['mute in hq', 'For another room, give the command there, or at the terminal: /hq mute. A time comes'],
    ['mute posts until 18:00 Berlin time', '"Berlin time" is not understood. 18:00 is UTC here. A time comes'],
    ['mute posts and feedbacks', 'Events come first, with a comma between them: mute posts, feedbacks for 2h.'],
    ['mute for 8h feedbacks', 'Events come first, with a comma between them: mute feedbacks for 2h.'],
    [
      'mute posts --reason wave for 2 days',
      '"for 2 days" may be the time: write it before the reason, mute posts for 2 days --reason wave, or the reason in quotes, mute posts --reason "wave for 2 days"\n',
    ],
    ['mute --reason wave 18:00', '"18:00" may be the time'],
  ])('mute nothing where they do not understand all of it: %s', async (line, answer) => {
    expect(await say(line)).toContain(answer);
    expect(await outbox.store.db.selectFrom('mutes').selectAll().execute()).toEqual([]);
  });

  it.each([
    ['mute posts where object.user_reputation < 5 for 1m', '"where" may be an option: write --where if it is one'],
    ['mute posts for 1m where object.is_naa', '"where" may be an option: write --where if it is one'],
    ['mute for 8h except posts', '"except" may be an option: write --except if it is one'],
    ['mute for 8h — excpt posts', '"excpt" may be an option: write --except if it is one'],
    ['mute for 8h --reason noisy /whre x', '"/whre" may be an option: write --where if it is one'],
    ['mute --reason noisy whre "object.is_naa"', '"object.is_naa" may be a condition'],
    ['mute for 8h all posts#update', '"posts#update" may be events'],
    ['mute for 8h !object.is_naa', '"!object.is_naa" may be a condition: write --where "<condition>"'],
    ['mute --time "for 8h --except posts"', '"--except posts" is not understood'],
    ['mute for 8h -x', '"-x" is not an option: --events, --time, --where, --except, --reason, or put it in quotes'],
  ])('take nothing for a reason that may be an option: %s', async (line, answer) => {
    expect(await say(line)).toContain(answer);
    expect(await outbox.store.db.selectFrom('mutes').selectAll().execute()).toEqual([]);
  });

  it.each(['too many posts', 'they were noisy', 'no - it is fine', 'I <3 tests', "it's the events, no time: wait"])(
    'take any other words for a reason: %s',
    async (reason) => {
      expect(await say(`mute for 8h "${reason}"`)).toContain(`(${reason})`);
      expect(await say(`mute for 9h --reason ${reason}`)).toContain(`(${reason})`);
      expect(await say('mute for 10h --reason "all except posts#update"')).toContain('(all except posts#update)');
    },
  );

  it('take the fields of a form as they stand, but not a time with more behind it', async () => {
    const fields = (options: Record<string, string>) =>
      say('', { said: { kind: 'options', command: 'mute', options } });
    expect(await fields({ time: `2h ${'so '.repeat(60)} except posts` })).toContain('so…" is not understood');
    expect(await outbox.store.db.selectFrom('mutes').selectAll().execute()).toEqual([]);
    expect(await fields({ reason: 'wave for 2 days' })).toContain('until 2026-01-02 04:04 UTC (wave for 2 days)');
  });

  it('refuse an option of a form that they do not know', async () => {
    const said = { kind: 'options', command: 'mute', options: { only: 'posts', time: 'for 2h' } } as const;
    expect(await say('', { said })).toContain('mute has no option "only" any more');
    expect(await outbox.store.db.selectFrom('mutes').selectAll().execute()).toEqual([]);
  });

  it('say that a change is made where only what follows it fails', async () => {
    rig.asked.push = () => {
      throw new Error('a test');
    };
    expect(await say('subscribe flag_logs#create')).toContain('This room now receives');
    expect(await outbox.store.db.selectFrom('subscriptions').select('events').execute()).toHaveLength(1);
  });

  it('are one room’s where two names turn out to be one', async () => {
    const { roomId } = outbox.directory;
    const two = await createCommandsRig({ more: 'b: "matrix:!b:a.org"', also: '- { events: flags, rooms: b }' });
    try {
      two.outbox.directory.roomId = (address) => roomId(address === 'matrix:!b:a.org' ? 'matrix:!a:a.org' : address);
      const answer = await two.commands.run(invocation('subscriptions'));
      expect(textOf(answer)).toMatch(/posts#create.*flags#create,update/s);
    } finally {
      two.outbox.directory.roomId = roomId;
      await two.stop();
    }
  });

  it('preview no template in particular: they are listed', async () => {
    expect(await say('preview')).toMatch(/^Templates: .*, post, .*\. preview post shows one\.$/);
  });

  it('preview no event of which their room never heard', async () => {
    await outbox.deliver(anEvent({ id: 7 }), ['matrix:!a:a.org']);
    await outbox.store.db.updateTable('events').set({ subject: 'post:7' }).execute();
    expect(await say('preview post post:7')).not.toContain('received no such event');
    expect(await say('preview post post:7', { room: '!strange' })).toContain('received no such event');
  });

  it('preview a vote as its message shows it: with the title of its post and the name of its user', async () => {
    await rig.stop();
    rig = await createCommandsRig({ also: '- { events: feedbacks#create, rooms: a }' });
    ({ commands, outbox } = rig);
    await outbox.deliver(anEvent({ id: 1, object: { title: 'Buy now', link: '//superuser.com/q/1' } }), []);
    await outbox.deliver(
      anEvent({ model: 'users', class: 'User', id: 5, subject: 'user:5', object: { username: 'Ann' } }),
      [],
    );
    const vote = { post_id: 1, user_id: 5, user_name: null, feedback_type: 'tp-' };
    await outbox.deliver(
      anEvent({ model: 'feedbacks', class: 'Feedback', id: 2, subject: 'post:1', object: vote }),
      [],
    );
    const { message } = (await commands.run(invocation('preview feedback post:1'))) ?? {};
    expect(JSON.stringify(message?.title)).toMatch(/tp.* by Ann.*Buy now/);
  });

  it('show, and let go, what this version does not understand any more', async () => {
    const stored = { address: 'matrix:!a:a.org', where: null, template: null, author: 'x', createdAt: 1 };
    const gone = { ...stored, id: 'abc', events: 'gone_models#create' };
    await outbox.store.db.transaction().execute((trx) => insertSubscription(trx, gone));
    rig.live.add(gone);
    expect(await say('subscriptions')).toContain('abc gone_models#create: unknown model');
    expect(await say('unsubscribe abc')).toContain('no longer receives gone_models#create');
    expect(await say('subscriptions')).not.toContain('gone_models');
    expect(await outbox.store.db.selectFrom('subscriptions').select('id').execute()).toEqual([]);
  });

  it('leave nothing of a change that could not be written as a whole', async () => {
    await outbox.store.db.schema.dropTable('audit').execute();
    expect(await say('subscribe flag_logs#create')).toContain('nothing was changed');
    expect(await outbox.store.db.selectFrom('subscriptions').selectAll().execute()).toEqual([]);
    expect(rig.live.ofRoom('matrix:!a:a.org')).toHaveLength(1);
  });

  it('point at the mistake in a condition', async () => {
    const said = await say('subscribe posts#create --where object.titel == "x"');
    expect(said).toContain('unknown field "titel" of posts: did you mean title?');
    expect(said).toMatch(/object\.titel == "x"\n {7}\^{5}/);
  });

  it('let a room have so many subscriptions and no more', async () => {
    for (const type of ['create', 'update', 'destroy']) await say(`subscribe feedbacks#${type}`);
    expect(await say('subscribe flags#create')).toContain('This room has 3 subscriptions by command, and may have 3');
  });

  it('make no room of one that the configuration does not name', async () => {
    expect(await say('subscribe posts', { room: '!strange' })).toContain('not in the configuration');
  });

  it('say for how long too many of them are not read, and then nothing', async () => {
    for (let count = 0; count < 10; count++) await say('status', { asker: reader });
    expect(await say('status', { asker: reader })).toMatch(/^Too many commands: the next one is read in 30 s/);
    expect(await say('status', { asker: reader })).toBeNull();
    expect(commands.ignores('matrix', reader.id)).toBe(true);
    expect(commands.ignores('matrix', owner.id)).toBe(false);
    expect(await say('status')).toContain('Version');
    await outbox.clock.advance(30_000);
    expect(await say('status', { asker: reader })).toContain('Version');
  });

  describe('whose answers count as messages of the account', () => {
    const counted = (text: string, asker: Invocation['asker'], more: Partial<Invocation> = {}) =>
      commands.run(invocation(text, { ...more, asker, answered: 'counted' }));

    it('are few for who may not change anything, whatever they write, and go last', async () => {
      const answers = [];
      for (const text of ['help', 'no such thing', 'status', 'mute']) answers.push(await counted(text, reader));
      expect(answers.map((answer) => answer?.isLast ?? null)).toEqual([true, true, null, null]);
      await outbox.clock.advance(60_000);
      expect(textOf(await counted('mute', reader))).toContain('you may not');
    });

    it('are not few for who may change the room, and do not go last', async () => {
      for (let count = 0; count < 9; count++) expect((await counted('status', owner))?.isLast).toBeUndefined();
    });

    it('are few in a room of somebody’s own that is none of ours', async () => {
      const answers = [];
      for (let count = 0; count < 3; count++) answers.push(await counted('status', owner, { room: '!own:a.org' }));
      expect(answers.map((answer) => answer?.isLast ?? null)).toEqual([true, true, null]);
    });

    it('are no more where somebody asks so much that nothing is read any more', async () => {
      for (let count = 0; count < 11; count++) await counted('help', reader);
      expect(commands.ignores('matrix', reader.id)).toBe(true);
    });
  });

  it('give an answer to whatever is written', async () => {
    const hostile = fc.oneof(
      fc.string({ unit: codePoint, maxLength: 300 }),
      fc
        .array(
          fc.constantFrom(
            'subscribe',
            'mute',
            'why',
            'posts#create',
            '--where',
            '--',
            '"',
            "'",
            '!'.repeat(50),
            '@everyone',
            '\u202e',
            '((((',
            'for',
            '9e99d',
            '\\',
          ),
          { maxLength: 12 },
        )
        .map((words) => words.join(' ')),
    );
    let asker = 0;
    await fc.assert(
      fc.asyncProperty(hostile, async (text) => {
        const said = await say(text, { asker: { ...owner, id: `@p${asker++}:a.org` } });
        return said !== null && said.trim() !== '' && !said.includes('failed on our side');
      }),
      { seed: 2411, numRuns: 1_000 },
    );
  });
});

describe('a mute', () => {
  it('that is made twice lasts longer, or says what holds already', async () => {
    expect(await say('mute posts#create for 2h --reason wave')).toContain('unmute m1 ends it early.');
    const before = await say('subscriptions');
    expect(await say('mute posts#create for 1h')).toMatch(
      /^Muted already: m1 posts#create until 2026-01-02 05:04 UTC, by @owner:a\.org: wave\. Nothing was changed\. unmute m1 ends it early\.$/,
    );
    expect(await say('subscriptions')).toBe(before);
    expect(await say('mute posts#create for 3h')).toBe(
      'Extended m1: posts#create until 2026-01-02 06:04 UTC, no longer only until 2026-01-02 05:04 UTC. unmute m1 ends it early.',
    );
    expect(await say('subscriptions')).toMatch(/m1 posts#create until 2026-01-02 06:04 UTC, by @owner:a\.org: wave$/);
    // Others are mutes of their own.
    await say('mute posts#create for 1h --where object.is_tp');
    await say('mute for 4h');
    expect(mutesIn(await say('subscriptions'))).toEqual(['m1', 'm2', 'm3']);
    expect(await say('mute feedbacks for 1h')).toContain(
      'It changes nothing while this holds: m3 the whole room until',
    );
    await outbox.clock.advance(2.5 * 3_600_000);
    await deliver(anEvent({ id: 1 }));
    expect(await outbox.deliveries()).toEqual(['muted']);
  });

  it('that would end in the same minute as one that holds changes nothing', async () => {
    await say('mute posts#create for 1h');
    await outbox.clock.advance(10_000);
    expect(await say('mute posts#create for 1h')).toContain('Nothing was changed');
  });

  it('that excepts all that it names mutes nothing', async () => {
    expect(await say('mute posts --except posts')).toBe(
      'Nothing would be muted: the exception names all of these events. Nothing was changed.',
    );
    expect(await outbox.store.db.selectFrom('mutes').selectAll().execute()).toEqual([]);
  });

  it('of events that the room does not receive says so', async () => {
    expect(await say('mute feedbacks')).toContain('No subscription of this room asks for feedbacks#create,update.');
    expect(await say('mute posts')).not.toContain('No subscription');
  });

  it.each([
    ['mute posts --where \'object.title.contains("a  b") && object.body.contains("c")\' for 2h', 'unmute'],
    [`mute posts --where "object.title == 'it --b' && object.body != \\"x\\" && !object.is_fp" for 2h`, 'unmute'],
    [
      'mute for 2h --except posts#update --reason "it\'s a \\"wave\\" of --x, known since three weeks at least"',
      'unmute',
    ],
    [
      'subscribe flag_logs#create --template post --where \'object.flag_type == "spam"\'',
      'unsubscribe flag_logs#create',
    ],
  ])('or a subscription that ended is had again by the line that the answer names: %s', async (line, end) => {
    const { db } = outbox.store;
    const rows = async () => [
      await db
        .selectFrom('mutes')
        .select(['events', 'where', 'except', 'reason', 'until'])
        .where('ended_at', 'is', null)
        .execute(),
      await db.selectFrom('subscriptions').select(['events', 'where', 'template']).execute(),
    ];
    await say(line);
    const before = await rows();
    expect(before.flat()).toHaveLength(1);
    const again = /To have it again: (.*)$/m.exec((await say(end)) ?? '')?.[1] ?? '';
    expect((await rows()).flat()).toEqual([]);
    await say(again);
    expect(await rows()).toEqual(before);
  });

  it('that ends while others hold names them', async () => {
    await say('mute for 1h');
    await say('mute posts for 2h');
    expect(await say('unmute m1')).toBe(
      'Ended m1, the whole room. Still muted: m2 posts#create,update until 2026-01-02 05:04 UTC, by @owner:a.org. unmute m2 ends it.\nTo have it again: mute for 60m',
    );
  });

  it('that ends while it is extended begins anew', async () => {
    await say('mute posts#create for 1h --reason wave');
    const name = async () => {
      await outbox.clock.advance(3_600_001);
      return null;
    };
    expect(await say('mute posts#create for 2h', { asker: { ...owner, name } })).toMatch(
      /^Muted posts#create until 2026-01-02 05:04 UTC \(wave\)\. .* unmute m2 ends it early\.$/,
    );
    expect(mutesIn(await say('subscriptions'))).toEqual(['m2']);
    expect((await listAudit(outbox.store.db, 1, null)).map(({ what }) => what)).toEqual([
      'muted posts#create until 2026-01-02T05:04:05.000Z: wave',
    ]);
  });

  it('is ended with all others in one notice, which counts posts and events apart', async () => {
    await say('mute posts for 2h');
    await say('mute feedbacks for 3h');
    await deliver(anEvent({ id: 1, object: { title: 'Buy now' } }));
    await deliver(anEvent({ id: 1, type: 'update', object: { title: 'Buy now' } }));
    await deliver(anEvent({ model: 'feedbacks', id: 8, subject: 'post:1' }));
    await deliver(anEvent({ model: 'feedbacks', id: 9, subject: 'post:1' }));
    expect(await say('unmute all')).toBe(
      'No longer muted:\n- posts#create,update\n- feedbacks#create,update\nA notice says what was held back.\nTo have it again: mute posts#create,update for 120m\nTo have it again: mute feedbacks#create,update for 180m',
    );
    await outbox.clock.advance(0);
    expect(shown()).toEqual([
      [
        '@owner:a.org ended 2 mutes:',
        '- posts#create,update',
        '- feedbacks#create,update',
        'Held back: 4 events about 1 post (feedbacks 2, posts 2).',
        'Still standing:',
        '- post:1 (https://metasmoke.erwaysoftware.com/post/1) Buy now',
        'show held m1 lists that again, show held m1 now sends them now.',
      ].join('\n'),
    ]);
  });

  it('that ended gives what it held back, as a list to everyone and as messages to those who may change the room', async () => {
    expect(await say('show held')).toContain('nothing was held back');
    await say('mute posts for 2h');
    await deliver(anEvent({ id: 1, object: { title: 'Buy now' } }));
    expect(await say('show held')).toContain('Held back: 1 event about 1 post.\nStill standing:');
    expect(await say('show held now')).toContain('It still holds: unmute m1 ends it');
    await say('unmute');
    await outbox.clock.advance(0);
    expect(await say('show held m7')).toContain('There was no mute m7');
    expect(await say('show held', { asker: reader })).toMatch(
      /^- m1 posts#create,update\nHeld back: 1 event about 1 post\.\nStill standing:\n.*Buy now\nshow held m1 now sends it now\.$/,
    );
    expect(await say('show held m1 now', { asker: reader })).toContain('Only people who may change the room');
    expect(await outbox.deliveries()).toEqual(['muted']);
    expect(await say('show held m1 now')).toBe('1 event that a mute held back is sent now.');
    await outbox.clock.advance(1_000);
    expect(shown().at(-1)).toBe('posts#create 1');
    expect(await say('show held m1 now')).toBe(
      '- m1 posts#create,update\nWhat m1 held back was sent already, or nothing was.',
    );
    expect(await say('show held yesterday')).toBe('show held takes a mute: show held m12.');
    expect((await listAudit(outbox.store.db, 1, null))[0]?.what).toBe('sent what m1 held back: 1 event');
  });

  it('that ended gives what it held back, but for what another holds by then', async () => {
    await say('mute posts for 2h');
    await deliver(anEvent({ id: 1 }));
    await say('unmute');
    await say('mute for 1h');
    expect(await say('show held m1 now')).toBe(
      '1 event that a mute held back is sent now, except what is muted again, and waits for the end of that:\n- m2 the whole room',
    );
    await outbox.clock.advance(1_000);
    expect(await outbox.deliveries()).toEqual(['muted']);
    expect(await say('show held m2')).toContain('Held back: 1 event');
  });

  it('of events like those of a message asks how long if it was pressed, and can be undone', async () => {
    await deliver(anEvent({ id: 1 }));
    const { platform_id: about } = await outbox.store.db
      .selectFrom('messages')
      .select('platform_id')
      .executeTakeFirstOrThrow();
    const said = { kind: 'options', command: 'mute', options: {} } as const;
    const asked = await commands.run(invocation('', { said, about, pressed: true }));
    expect(textOf(asked)).toBe('This mutes posts#create in this room: all of them, not only this one.\nFor how long?');
    expect(asked?.private).toBe(true);
    expect(await outbox.store.db.selectFrom('mutes').selectAll().execute()).toEqual([]);
    expect(asked?.offers?.map(({ label }) => label)).toEqual(['15m', '1h', '8h', '1 day', '1 week']);
    const press = ({ line, about }: Offer) => commands.run(invocation(line, { about, pressed: true }));
    const muted = await press(asked!.offers![1]!);
    expect(textOf(muted)).toMatch(/^Muted posts#create until 2026-01-02 04:04 UTC\./);
    // The chat shows only the answer, not who pressed.
    expect(textOf(muted)).toMatch(/\nBy @owner:a\.org\.$/);
    expect(muted?.offers).toEqual([{ label: 'Undo', line: 'unmute m1', about: null }]);
    const unmuted = await press(muted!.offers![0]!);
    expect(textOf(unmuted)).toContain('No longer muted: posts#create');
    expect(await say('subscriptions')).not.toContain('Muted');
    expect(unmuted?.offers).toEqual([{ label: 'Mute again', line: 'mute posts#create for 60m', about: null }]);
    expect(textOf(await press(unmuted!.offers![0]!))).toContain('Muted posts#create until 2026-01-02 04:04 UTC.');
  });

  it('stops what waits and what comes, and tells at its end what it held back', async () => {
    await say('mute for 2h "too noisy"');
    await deliver(anEvent({ id: 1, object: { title: 'Buy now' } }));
    await deliver(anEvent({ id: 2, object: { title: 'Buy later' } }));
    expect(await outbox.deliveries()).toEqual(['muted', 'muted']);
    expect(await say('why post:1')).toMatch(/muted by m1 of @owner:a\.org \(too noisy\) until /);
    expect(await say('unmute')).toContain('No longer muted: the whole room');
    await outbox.clock.advance(0);
    expect(shown()).toEqual([
      expect.stringMatching(/^@owner:a\.org ended a mute: .*Held back: 2 events about 2 posts\./s),
    ]);
    expect(shown()[0]).toMatch(/Still standing:[\s\S]*Buy later[\s\S]*Buy now/);
  });

  it('says with why which message an update repeats', async () => {
    await rig.stop();
    rig = await createCommandsRig({ compares: true });
    ({ commands, outbox } = rig);
    await deliver(anEvent({ id: 1 }));
    await deliver(anEvent({ id: 1, type: 'update' }));
    const { platform_id: message } = await outbox.store.db
      .selectFrom('messages')
      .select('platform_id')
      .executeTakeFirstOrThrow();
    expect(await say('why post:1')).toContain(
      `update of the report: left out: it says the same as message ${message}, the last one about this row`,
    );
  });

  it('says with why that a condition failed and counted as matched', async () => {
    await deliver(anEvent({ id: 1 }));
    await outbox.store.db.updateTable('deliveries').set({ condition_failed: 'it took more than 30 ms' }).execute();
    expect(await say('why post:1')).toContain(
      'its condition counts as matched since it could not be evaluated (it took more than 30 ms)',
    );
  });

  it('ends by itself', async () => {
    await say('mute posts for 10m');
    await deliver(anEvent({ id: 1 }));
    await outbox.clock.advance(600_000);
    await outbox.clock.advance(1_000);
    expect(shown()).toEqual([
      expect.stringContaining('A mute is over: posts#create,update. Held back: 1 event about 1 post.'),
    ]);
    await deliver(anEvent({ id: 2 }));
    expect(shown().at(-1)).toBe('posts#create 2');
  });

  it('stops only what it names', async () => {
    await say('mute posts --where "object.user_reputation < 50"');
    await deliver(anEvent({ id: 1, object: { user_reputation: 1 } }));
    await deliver(anEvent({ id: 2, object: { user_reputation: 100 } }));
    expect(shown()).toEqual(['posts#create 2']);
  });

  it('lets through what it excepts, derived events included, and why says so', async () => {
    await say('subscribe posts#autoflagged_false_positive');
    expect(await say('mute for 2h --except posts#autoflagged_false_positive')).toMatch(
      /^Muted the whole room except posts#autoflagged_false_positive until [^.]*\. A notice lists the muted events then\. unmute m1 ends it early\.$/,
    );
    expect(await say('subscriptions')).toContain('m1 the whole room except posts#autoflagged_false_positive until');
    const derived = { ...anEvent({ id: 1, type: 'autoflagged_false_positive' }), origin: 'derived' as const };
    await deliver(anEvent({ id: 1 }));
    await deliver(derived);
    expect(shown()).toEqual(['posts#autoflagged_false_positive 1']);
    const why = await say('why post:1');
    expect(why).toMatch(
      /report: muted by m1 of @owner:a\.org until .*, whose exception posts#autoflagged_false_positive does not name it\n/,
    );
    expect(why).toMatch(/^Sent because .*, let through by m1 with its exception posts#autoflagged_false_positive\.\n/);
    await say('unmute');
    await outbox.clock.advance(0);
    expect(shown().at(-1)).toMatch(
      /ended a mute: the whole room except posts#autoflagged_false_positive\. Held back: 1 event about 1 post\./,
    );
  });

  it('holds what another one excepts, and why says that, too', async () => {
    await say('mute for 2h --except posts#create');
    await say('mute posts for 1h');
    await deliver(anEvent({ id: 1 }));
    expect(await say('why post:1')).toMatch(
      /^Not sent: muted by m2 of .*, although m1 excepts posts#create; unmute m2 ends it\. /,
    );
  });

  it('names what an exception cannot let through, and what is wrong in it', async () => {
    expect(await say('mute --except posts#create;feedbacks#create')).toContain(
      'No subscription of this room names feedbacks#create, so none of those come.',
    );
    expect(await say('mute --except posts#autoflaged_false_positive')).toContain(
      'unknown type "autoflaged_false_positive": did you mean posts#autoflagged_false_positive?',
    );
    expect(await outbox.store.db.selectFrom('mutes').select('except').execute()).toEqual([
      { except: 'feedbacks#create;posts#create' },
    ]);
  });

  it('may ask about the post of an event, also of what it hands on', async () => {
    await say('mute feedbacks --where "subject.title == \'Bad\'" for 2h');
    await say('mute feedbacks for 1h');
    await deliver(anEvent({ id: 1, object: { title: 'Bad' } }));
    await deliver(anEvent({ id: 2, object: { title: 'Good' } }));
    await deliver(anEvent({ model: 'feedbacks', id: 8, subject: 'post:1' }));
    await deliver(anEvent({ model: 'feedbacks', id: 9, subject: 'post:2' }));
    await say('unmute m2');
    await outbox.clock.advance(0);
    expect(shown().at(-1)).toContain('Held back: 1 event about 1 post.');
    await deliver(anEvent({ model: 'feedbacks', id: 10, subject: 'post:2' }));
    await deliver(anEvent({ model: 'feedbacks', id: 11, subject: 'post:1' }));
    expect(shown().at(-1)).toBe('feedbacks#create 10');
    await say('unmute m1');
    await outbox.clock.advance(0);
    expect(shown().at(-1)).toContain('Held back: 2 events about 1 post.');
  });

  it('hands on to the last one that covers it what it held', async () => {
    await say('mute for 1h');
    await say('mute posts for 30m');
    await deliver(anEvent({ id: 1 }));
    await say('unmute m1');
    await outbox.clock.advance(0);
    expect(shown()).toEqual([expect.stringContaining('Nothing was held back.')]);
    await say('unmute m2');
    await outbox.clock.advance(0);
    expect(shown().at(-1)).toContain('Held back: 1 event about 1 post.');
  });

  it('names among what stands no post that was deleted meanwhile', async () => {
    await say('mute');
    await deliver(anEvent({ id: 1, object: { title: 'Gone' } }));
    await deliver(
      anEvent({ model: 'deletion_logs', id: 7, subject: 'post:1', object: { is_deleted: true, post_id: 1 } }),
    );
    await say('unmute');
    await outbox.clock.advance(0);
    expect(shown()[0]).toContain('Held back: 2 events about 1 post (deletion logs 1, posts 1).');
    expect(shown()[0]).not.toContain('Gone');
  });
});

import { describe, expect, it } from 'vitest';
import { toPlain } from '../../src/adapters/matrix/format/plain.ts';
import type { EventObject } from '../../src/words.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

let app: TestApp;

const room = '!a:a.org';
async function start(subscriptions: string, rooms = '{ a: "matrix:!a:a.org" }', more = '') {
  app = await createTestApp({ config: `rooms: ${rooms}\n${more}subscriptions:\n${subscriptions}\n` });
}

/** The answer of a command in the room, without the signs of code. */
async function say(text: string, about: string | null = null): Promise<string> {
  const answer = await app.platform.listener?.run({
    ...{ key: null, platform: 'matrix', room, direct: false, about, answered: 'free' },
    asker: { id: '@ann:a.org', roles: [], manages: true, power: 100 },
    said: { kind: 'line', text },
  });
  return toPlain(answer?.message.body ?? []).replaceAll('`', '');
}
const sentence = async (text: string) => (await say(text)).split('\n')[0];

const time = () => new Date(app.clock.now()).toISOString();
const of = (event_class: string) => (event_type: string, object: EventObject) => ({
  ...{ event_type, event_class },
  object: { updated_at: time(), created_at: time(), ...object },
});
const post = (id = 1, object: EventObject = {}) =>
  of('Post')('create', { id, title: `Title ${id}`, link: `//a.stackexchange.com/a/${id}`, username: 'Eve', ...object });
const vote = (id: number, object: EventObject = {}) =>
  of('Feedback')('create', { id, post_id: 1, user_id: 7, user_name: 'Ann', feedback_type: 'tp-', ...object });

const reports = '  - { id: reports, events: posts#create, rooms: a }';

describe('why, in a whole room', () => {
  it('says which subscription sent a message, where it is written, what the card was edited for, and who', async () => {
    await start('  - { id: reports, events: posts#create, rooms: a, card: true }');
    await app.hear(post());
    await app.listen(2_000);
    await app.hear(vote(5), vote(6, { user_id: 8, user_name: 'Bob' }));
    await app.listen(20_000);
    await app.hear(of('DeletionLog')('create', { id: 9, post_id: 1, is_deleted: true }));
    await app.listen(20_000);
    const { platform_id: message } = await app.db
      .selectFrom('messages')
      .select('platform_id')
      .executeTakeFirstOrThrow();
    expect(await say('why post:1')).toBe(
      [
        'Sent because reports (line 6 of the configuration) asks for posts#create; edited 2 times: 2 votes, 1 deletion.',
        'About Title 1 (https://metasmoke.erwaysoftware.com/post/1) by Eve on a.stackexchange.com (https://a.stackexchange.com/a/1):',
        `- 2026-01-02 03:04 UTC report: sent (https://matrix.to/#/!a%3Aa.org/${encodeURIComponent(message ?? '')})`,
        '- 2026-01-02 03:04 UTC tp- by Ann: shown by the card',
        '- 2026-01-02 03:04 UTC tp- by Bob: shown by the card',
        '- 2026-01-02 03:04 UTC deletion: shown by the card',
        `Ids: post:1, message ${message}, subscription reports, events 1, 2, 3, 4`,
      ].join('\n'),
    );
    expect(await say('why', message)).toBe(await say('why post:1'));
  });

  it('says who made a subscription by a command, and when', async () => {
    await start(reports);
    await say('subscribe feedbacks#create');
    await app.hear(vote(5));
    await app.listen(2_000);
    expect(await sentence('why post:1')).toBe(
      'Sent because a subscription that @ann:a.org made by command on 2026-01-02 03:04 UTC asks for feedbacks#create.',
    );
  });

  it('says what else was sent about a post that has no card', async () => {
    await start('  - { events: posts#create;feedbacks#create, rooms: a }');
    await app.hear(post());
    await app.listen(2_000);
    await app.hear(vote(5));
    await app.listen(2_000);
    expect(await sentence('why post:1')).toBe(
      'Sent because a subscription (line 6 of the configuration) asks for posts#create; sent besides: 1 vote.',
    );
  });

  it('says which mute stopped an event, and what lets it through', async () => {
    await start(reports);
    await say('mute posts for 1h "too noisy"');
    await app.hear(post());
    await app.listen(2_000);
    expect(await sentence('why post:1')).toBe(
      'Not sent: muted by m1 of @ann:a.org (too noisy) until 2026-01-02 04:04 UTC; unmute m1 ends it. Without that it would be sent because reports (line 6 of the configuration) asks for posts#create.',
    );
    await say('unmute m1');
    expect(await sentence('why post:1')).toMatch(
      /^Not sent: muted by m1 of @ann:a\.org \(too noisy\), which @ann:a\.org ended at 2026-01-02 03:04 UTC\. show held m1 now sends it\. Without that /,
    );
    await say('show held m1 now');
    await app.listen(2_000);
    expect(await sentence('why post:1')).toMatch(/^Sent because reports /);
  });

  it('says that a mute whose time was over stopped an event', async () => {
    await start(reports);
    await say('mute posts for 10m');
    await app.hear(post());
    await app.listen(700_000);
    expect(await sentence('why post:1')).toMatch(
      /^Not sent: muted by m1 of @ann:a\.org until 2026-01-02 03:14 UTC\. show held m1 now sends it\. Without that /,
    );
  });

  it('says that quiet hours hold', async () => {
    await start(reports, '{ a: { to: "matrix:!a:a.org", quiet: "03:00-05:00" } }');
    await app.listen(2_000);
    await app.hear(post());
    await app.listen(2_000);
    expect(await sentence('why post:1')).toMatch(
      /^Not sent: held back by quiet hours \(m1\) until 2026-01-02 05:00 UTC; unmute m1 ends it\. /,
    );
  });

  it('says until when a message is held, and what leaves it out', async () => {
    await start('  - { id: reports, events: posts#create, rooms: a, hold: 60s, unless: "subject.deleted" }');
    await app.hear(post());
    await app.listen(2_000);
    expect(await sentence('why post:1')).toBe(
      'Not sent yet: it is held until 2026-01-02 03:05 UTC, and left out if subject.deleted is true by then. It is to be sent because reports (line 6 of the configuration) asks for posts#create.',
    );
    await app.hear(of('DeletionLog')('create', { id: 9, post_id: 1, is_deleted: true }));
    await app.listen(70_000);
    expect(await sentence('why post:1')).toMatch(
      /^Left out: held, and cancelled since subject\.deleted\. Without that /,
    );
  });

  it('says that an event is in a digest', async () => {
    await start('  - { id: reports, events: posts#create, rooms: a }');
    app.platform.answers.push({ outcome: 'notAccepted', scope: 'room', waitMs: 3_000, reason: '429' });
    await app.hear(...Array.from({ length: 200 }, (_, n) => post(n + 1)));
    await app.listen(12_000);
    expect(await sentence('why post:100')).toMatch(
      /^Sent in a digest of \d+ events because reports \(line 6 of the configuration\) asks for posts#create\.$/,
    );
  });

  it('says which condition an event does not meet, and its values', async () => {
    await start('  - { id: new, events: posts#create, rooms: a, where: "object.user_reputation < 50" }');
    await app.hear(post(1, { user_reputation: 101 }));
    await app.listen(2_000);
    expect(await sentence('why post:1')).toBe(
      'Not sent: no subscription of this room matched. new (line 6 of the configuration) asks for it only where object.user_reputation < 50, and object.user_reputation = 101.',
    );
  });

  it('says that nothing asks for an event', async () => {
    await start(`${reports}\n  - { events: feedbacks, rooms: "matrix:!b:a.org" }`);
    await app.hear(vote(5));
    await app.listen(2_000);
    expect(await sentence('why post:1')).toBe('Not sent: no subscription of this room asks for feedbacks#create.');
  });

  it('says which report a room has instead of another of the same post', async () => {
    await start('  - { id: reports, events: posts#create, rooms: a, merge_reports: 1h }');
    const link = '//a.stackexchange.com/a/7';
    await app.hear(post(1, { link }));
    await app.listen(2_000);
    await app.hear(post(2, { link }));
    await app.listen(2_000);
    expect(await sentence('why post:2')).toMatch(
      /^Left out: it reports the same post as post:1, which this room has\. Without that it would be sent because reports /,
    );
  });

  it('says that a send got no clear answer, and why one is dead', async () => {
    await start(reports);
    app.platform.answerTo = () => ({ outcome: 'unknown', waitMs: 60_000, reason: 'no answer in 30 s' });
    await app.hear(post());
    await app.listen(2_000);
    expect(await sentence('why post:1')).toMatch(
      /^Not sent yet: attempt 1 got no clear answer, and the next is at 2026-01-02 03:05 UTC\. It is to be sent because /,
    );
    app.platform.answerTo = () => ({ outcome: 'rejected', reason: 'too large' });
    await app.hear(post(2));
    await app.listen(2_000);
    expect(await sentence('why post:2')).toMatch(
      /^Not sent: a dead letter \(.*too large.*\); the operator can try it again\. It was to be sent because reports /,
    );
  });

  it('says that a notice has no event', async () => {
    await start(reports);
    await say('mute for 1h');
    await say('unmute');
    await app.listen(2_000);
    const { platform_id: notice } = await app.db.selectFrom('messages').select('platform_id').executeTakeFirstOrThrow();
    expect(await say('why', notice)).toBe(
      'That message is a notice of Lookout itself, about mute:1: no event led to it.',
    );
    expect(await say('why', '$other')).toContain('That message is not a message of Lookout’s in this room');
  });

  it('says what the card of a post does not show yet', async () => {
    await start('  - { id: reports, events: posts#create, rooms: a, card: true }');
    await app.hear(post());
    await app.listen(2_000);
    await app.hear(vote(5));
    await app.listen(20_000);
    await app.hear(vote(6, { user_id: 8, user_name: 'Bob' }));
    const said = await say('why post:1');
    expect(said).toContain('tp- by Ann: shown by the card');
    expect(said).toContain('tp- by Bob: to be shown by the card');
    await app.listen(20_000);
    expect(await say('why post:1')).toContain('tp- by Bob: shown by the card');
  });

  it('lists the first and the newest events of a long life, and equal ones once', async () => {
    await start('  - { id: reports, events: posts#create, rooms: a, card: true }');
    await app.hear(
      post(),
      ...Array.from({ length: 3 }, (_, n) => of('Post')('update', { ...post().object, score: n })),
    );
    await app.hear(...Array.from({ length: 30 }, (_, n) => vote(n + 1, { user_id: n, user_name: `U${n}` })));
    await app.listen(20_000);
    const said = await say('why post:1');
    expect(said).toContain('3 × update of the report: shown by the card');
    expect(said).toContain('- 14 events between\n');
    expect(said).toContain('tp- by U29: shown by the card');
    expect(said).not.toContain('U5:');
    expect(said).toMatch(/edited 1 time: 30 votes, 3 updates\./);
  });
});

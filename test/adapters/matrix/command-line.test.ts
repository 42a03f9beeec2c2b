import { describe, expect, it } from 'vitest';
import { behindOwnName, readWrittenLine } from '../../../src/adapters/matrix/command-line.ts';

const bot = '@lookout:a.org';

function read(body: unknown, content: Record<string, unknown> = {}, event: Record<string, unknown> = {}) {
  const message = {
    type: 'm.room.message',
    event_id: '$1',
    sender: '@you:a.org',
    origin_server_ts: 5,
    content: { msgtype: 'm.text', body, ...content },
    ...event,
  };
  return readWrittenLine({ room: '!r:a.org', event: message, isEncrypted: false }, bot, '!');
}

const mention = { 'm.mentions': { user_ids: [bot] } };

describe('a message in a room', () => {
  it.each([
    ['!mute for 1h', 'mute for 1h', 'prefix'],
    ['!lookout mute for 1h', 'mute for 1h', 'name'],
    ['!lookout: mute for 1h', 'mute for 1h', 'name'],
    ['!lookout', 'help', 'name'],
    ['@lookout:a.org: status', 'status', 'name'],
    ['@lookout:a.org status', 'status', 'name'],
    ['@lookout:a.org', 'help', 'name'],
    ['lookout: status', 'status', 'name'],
    ['Lookout, status', 'status', 'name'],
    ['@lookout: status', 'status', 'name'],
    ['@lookout status', 'status', 'name'],
    ['!status\nand more', 'status', 'prefix'],
  ])('is a command: %j', (body, text, addressed) => {
    expect(read(body)).toMatchObject({ text, addressed, sender: '@you:a.org', eventId: '$1', sentAt: 5, ageMs: null });
  });

  it.each([
    ['Smoke Bot status', '<a href="https://matrix.to/#/@lookout:a.org">Smoke Bot</a> status', 'status'],
    [
      'Smoke Bot: mute for 1h',
      '<a href="https://matrix.to/#/%40lookout%3Aa.org">Smoke Bot</a>: mute for 1h',
      'mute for 1h',
    ],
    ['@A & <B> status', '<p><a href="matrix:u/lookout:a.org">A &amp; &lt;B&gt;</a> status</p>', 'status'],
    ['Smoke Bot', '<a href="https://matrix.to/#/@lookout:a.org">Smoke Bot</a>', 'help'],
  ])('is a command where it begins with a link to us: %j', (body, html, text) => {
    expect(read(body, { formatted_body: html })).toMatchObject({ text, addressed: 'name' });
  });

  it('is no command where it begins with a link to somebody else', () => {
    const html = '<a href="https://matrix.to/#/@eve:a.org">Eve</a> status';
    expect(read('Eve status', { formatted_body: html })).toMatchObject({ addressed: 'not', mayNameUs: false });
  });

  it('may name us by a name that is not known here', () => {
    expect(read('@Smoke status')).toMatchObject({ addressed: 'not', mayNameUs: true });
    expect(behindOwnName('@Smoke Bot status', 'Smoke Bot')).toBe('status');
    expect(behindOwnName('smoke bot: status', 'Smoke Bot')).toBe('status');
    for (const line of ['@Smoke status', '@Smoke Bottle status', 'status'])
      expect(behindOwnName(line, 'Smoke Bot')).toBeNull();
    expect(behindOwnName('@ status', ' ')).toBeNull();
  });

  it('has the age that the homeserver counts', () => {
    expect(read('!status', {}, { unsigned: { age: 7 } })).toMatchObject({ ageMs: 7 });
  });

  it('is a command where it mentions us, by whatever name the client shows', () => {
    expect(read('Look Out: status', mention)).toMatchObject({ text: 'status', addressed: 'name' });
    expect(read('lookout status', mention)).toMatchObject({ text: 'status', addressed: 'name' });
    expect(read('!play for @lookout', mention)).toMatchObject({ text: 'play for @lookout', addressed: 'name' });
  });

  it('is no command where it mentions us only because it replies to us', () => {
    const reply = { ...mention, 'm.relates_to': { 'm.in_reply_to': { event_id: '$ours' } } };
    expect(read('Thanks: well done', reply)).toMatchObject({ addressed: 'not' });
    expect(read('lookout: why', reply)).toMatchObject({ text: 'why', addressed: 'name' });
  });

  it.each([
    'hello',
    '!!! wow',
    '! well',
    '!',
    'lookout is down',
    'lookout',
    '@lookout:a.org.uk status',
    'lookouts: no',
    '5! = 120',
  ])('is for us only where nobody else is: %j', (body) => {
    expect(read(body)).toMatchObject({ text: body, addressed: 'not' });
  });

  it.each([
    ['of our own', '!mute', {}, { sender: bot }],
    ['of a bot', '!mute', { msgtype: 'm.notice' }, {}],
    ['that is an edit', '!mute', { 'm.relates_to': { rel_type: 'm.replace', event_id: '$0' } }, {}],
    ['without text', 5, {}, {}],
    ['of blanks', '  \n ', {}, {}],
    ['of another type', '!mute', {}, { type: 'm.sticker' }],
  ])('is nothing to us %s', (_, body, content, event) => {
    expect(read(body, content, event)).toBeNull();
  });

  it('may reply to a message, with the quote of older clients before it', () => {
    const relation = { 'm.relates_to': { 'm.in_reply_to': { event_id: '$about' } } };
    expect(read('> <@bot:a.org> spam\n> more\n\n!why', relation)).toMatchObject({
      text: 'why',
      repliesTo: '$about',
      thread: null,
    });
  });

  it('may be in a thread, whose last message it does not reply to', () => {
    const relation = {
      'm.relates_to': {
        rel_type: 'm.thread',
        event_id: '$root',
        is_falling_back: true,
        'm.in_reply_to': { event_id: '$last' },
      },
    };
    expect(read('!why', relation)).toMatchObject({ thread: '$root', repliesTo: null });
  });

  it.each([
    ['a link that does not end', 'x', { formatted_body: `<a href="matrix:u/${'a'.repeat(63_000)}` }],
    ['a link behind blanks', 'x', { formatted_body: `${' '.repeat(63_000)}x` }],
    ['a link with blanks in it', 'x', { formatted_body: `<a ${' '.repeat(63_000)}x` }],
    ['many addresses', 'x', { formatted_body: `<a ${'href="matrix:u/'.repeat(4_000)}` }],
    ['blanks behind a name', `Smoke Bot:${' '.repeat(63_000)}y\u2028x`, mention],
  ])('takes no time to read: %s', (_, body, content) => {
    read('x', content);
    const before = performance.now();
    read(body, content);
    expect(performance.now() - before).toBeLessThan(100);
  });
});

import { describe, expect, it } from 'vitest';
import { readWrittenLine } from '../../../src/adapters/matrix/command-line.ts';

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
  return readWrittenLine('!r:a.org', message, bot, '!');
}

const mention = { 'm.mentions': { user_ids: [bot] } };

describe('a message in a room', () => {
  it.each([
    ['!mute for 1h', 'mute for 1h'],
    ['!lookout mute for 1h', 'mute for 1h'],
    ['!lookout', 'help'],
    ['@lookout:a.org: status', 'status'],
    ['lookout: status', 'status'],
    ['Lookout, status', 'status'],
    ['@lookout: status', 'status'],
    ['!status\nand more', 'status'],
  ])('is a command: %j', (body, text) => {
    expect(read(body)).toMatchObject({ text, addressed: true, sender: '@you:a.org', eventId: '$1', sentAt: 5 });
  });

  it('is a command where it mentions us, by whatever name the client shows', () => {
    expect(read('Look Out: status', mention)).toMatchObject({ text: 'status', addressed: true });
    expect(read('lookout status', mention)).toMatchObject({ text: 'status', addressed: true });
  });

  it('is no command where it mentions us only because it replies to us', () => {
    const reply = { ...mention, 'm.relates_to': { 'm.in_reply_to': { event_id: '$ours' } } };
    expect(read('Thanks: well done', reply)).toMatchObject({ addressed: false });
    expect(read('lookout: why', reply)).toMatchObject({ text: 'why', addressed: true });
  });

  it.each(['hello', '!!! wow', '! well', '!', 'lookout is down', 'lookouts: no', '5! = 120'])(
    'is for us only where nobody else is: %j',
    (body) => {
      expect(read(body)).toMatchObject({ text: body, addressed: false });
    },
  );

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
});

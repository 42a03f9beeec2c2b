import { describe, expect, it } from 'vitest';
import { asEdit, asReply, format, together } from '../../../../src/adapters/discord/format/format.ts';
import { threadName } from '../../../../src/adapters/discord/format/thread-name.ts';
import type { Mention } from '../../../../src/words.ts';
import { key, link, messageOf, over, paragraph, text } from './messages.ts';

const id = (n: number) => String(42424242424242000n + BigInt(n));
const user = (n: number): Mention => ({ kind: 'user', id: id(n) });
const role = (n: number): Mention => ({ kind: 'role', id: id(n) });
const hello = messageOf({ body: [paragraph(text('hello'))], link });
const long = messageOf({ title: [text('title')], body: [paragraph(text('word '.repeat(2_000)))], link });

describe('a message that pings on Discord', () => {
  it('names them in its content, before its embeds, and lets them alone be pinged', () => {
    expect(JSON.parse(format(hello, key, { embeds: true, mentions: [user(1), role(2), user(1)] }))).toMatchObject({
      content: `<@${id(1)}> <@&${id(2)}>`,
      embeds: [{}],
      allowed_mentions: { parse: [], users: [id(1)], roles: [id(2)] },
    });
  });

  it('is the same as ever where nobody is to be pinged', () => {
    for (const embeds of [true, false])
      expect(format(hello, key, { embeds, mentions: [{ kind: 'user', id: '@everyone' }] })).toBe(
        format(hello, key, { embeds }),
      );
    expect(JSON.parse(format(hello, key, { embeds: true }))).toMatchObject({ allowed_mentions: { parse: [] } });
  });

  it('begins with them where there are no embeds, within the limit, and keeps its link', () => {
    const mentions = Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? user(n) : role(n)));
    for (const made of [
      format(long, key, { embeds: false, mentions }),
      together([long, long], key, { embeds: false, mentions }).payload,
    ]) {
      const { content, allowed_mentions } = JSON.parse(made);
      expect(content).toMatch(new RegExp(`^<@${id(0)}> <@&${id(1)}> .*\\n\\*\\*title\\*\\*`));
      expect(content.length).toBeLessThanOrEqual(2_000);
      expect(content).toContain(`#lk-${key}`);
      expect([allowed_mentions.users.length, allowed_mentions.roles.length]).toEqual([10, 10]);
    }
  });

  it('may be several in one', () => {
    const { payload } = together([hello, hello], key, { embeds: true, mentions: [user(1)] });
    expect(JSON.parse(payload)).toMatchObject({ content: `<@${id(1)}>`, embeds: [{}, {}] });
  });

  it('pings nobody anew as an edit, and in a reply those alone whom it names', () => {
    const payload = format(hello, key, { embeds: true, mentions: [user(1)] });
    expect(JSON.parse(asEdit(payload))).toMatchObject({ content: `<@${id(1)}>`, allowed_mentions: { parse: [] } });
    expect(JSON.parse(asEdit(payload)).allowed_mentions).toEqual({ parse: [] });
    expect(JSON.parse(asReply(payload, id(9))).allowed_mentions).toEqual({
      parse: [],
      users: [id(1)],
      roles: [],
      replied_user: false,
    });
  });
});

describe('the name of a thread', () => {
  it('is the title without its Markdown', () => {
    const name = (...title: Parameters<typeof paragraph>) =>
      threadName(format(messageOf({ title }), key, { embeds: true }));
    expect(name(over('strong', text('bold')), text(' and '), over('del', text('gone')))).toBe('bold and gone');
    expect(name({ kind: 'code', text: 'a*b\\c' }, text(' ~ x|y * [z](u) \\ `'))).toBe('a*b\\c ~ x|y * [z](u) \\ `');
    expect(name(over('spoiler', over('em', text('hidden'))))).toBe('hidden');
    expect(threadName(format(hello, key, { embeds: false }))).toBe('Updates');
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mentionsOf } from './mentions.ts';
import { previewsOf } from './previews.ts';
import { startTalk, type Talk } from './talk.ts';

const everything = '@everyone <@1> <@!2> <@&3> \\<@4> `<@5>` @here';

describe('mentions', () => {
  it('all count if nothing is specified about them, even escaped and in code', () => {
    expect(mentionsOf(everything, undefined, null)).toEqual({
      everyone: true,
      users: ['1', '2', '4', '5'],
      roles: ['3'],
    });
    expect(mentionsOf('x', null, '9').users).toEqual(['9']);
    expect(mentionsOf('\\@everyone', null, null).everyone).toBe(true);
    expect(mentionsOf('@ everyone <@x> <#1> </a:1>', null, null)).toEqual({ everyone: false, users: [], roles: [] });
  });

  it('count if they are allowed, by kind or by id', () => {
    const none = { everyone: false, users: [], roles: [] };
    expect(mentionsOf(everything, { parse: [] }, '9')).toEqual(none);
    expect(mentionsOf(everything, {}, '9')).toEqual(none);
    expect(mentionsOf(everything, { parse: ['everyone'] }, null)).toEqual({ ...none, everyone: true });
    expect(mentionsOf(everything, { parse: ['roles'], users: ['2', '7'] }, null)).toEqual({
      everyone: false,
      users: ['2'],
      roles: ['3'],
    });
    expect(mentionsOf('x', { parse: [], replied_user: true }, '9').users).toEqual(['9']);
  });
});

describe('previews', () => {
  const url = 'https://spam.example/x';
  it.each([
    `see ${url}`,
    `[text](${url})`,
    `\\${url}`,
    `||${url}||`,
    `<${url}`,
    `${url}>`,
    `\\\`${url}\\\``,
    `\`\`\`${url}`,
    '`a` HTTP://SPAM.example `b`',
    'discord.gg/abc',
    '<discord.gg/abc>',
  ])('show for %s', (content) => {
    expect(previewsOf(content, 0)).toHaveLength(1);
  });

  it.each([
    `<${url}>`,
    `[text](<${url}>)`,
    `\`${url}\``,
    `\`\` a \` ${url} \`\``,
    `\`\`\`\n${url}\n\`\`\``,
    'https\\://spam.example',
    'www.spam.example spam.example',
  ])('do not show for %s', (content) => {
    expect(previewsOf(content, 0)).toEqual([]);
  });

  it('do not show if they are suppressed', () => {
    expect(previewsOf(url, 4)).toEqual([]);
    expect(previewsOf(url, 1 << 12)).toHaveLength(1);
  });
});

describe('the effects of a message', () => {
  let talk: Talk;
  let channel: string;
  beforeEach(async () => {
    talk = await startTalk();
    channel = talk.double.createChannel();
  });
  afterEach(() => talk.double.stop());

  const quiet = { allowed_mentions: { parse: [] } };
  const loud = 'hi @everyone <@12> <@&13> https://spam.example';

  it('are recorded when it is sent', async () => {
    const { body } = await talk.post(channel, loud);
    const at = `POST ${channel}/${body.id}`;
    expect(talk.double.pings).toEqual([`${at}: everyone`, `${at}: <@12>`, `${at}: <@&13>`]);
    expect(talk.double.previews).toEqual([`${at}: https://spam.example`]);
    expect(body).toMatchObject({ mention_everyone: true, mentions: [{ id: '12' }], mention_roles: ['13'] });
  });

  it('are suppressed if a message says so, and never come from an embed', async () => {
    const embeds = [{ title: loud, description: loud, fields: [{ name: loud, value: loud }] }];
    const { body } = await talk.post(channel, { content: loud, flags: 4, ...quiet });
    await talk.post(channel, { embeds });
    expect(body).toMatchObject({ mention_everyone: false, mentions: [], mention_roles: [] });
    expect([talk.double.pings, talk.double.previews]).toEqual([[], []]);
  });

  it('return with an edit that does not suppress them', async () => {
    const { body } = await talk.post(channel, { content: loud, flags: 4, ...quiet });
    const path = `/channels/${channel}/messages/${body.id}`;
    await talk.ask('PATCH', path, { content: loud, ...quiet });
    expect(talk.double.pings).toEqual([]);
    await talk.ask('PATCH', path, { embeds: [{ title: 't' }] });
    expect(talk.double.pings).toHaveLength(3);
    expect(talk.double.previews).toEqual([]);
  });

  it('happen once if a nonce merges two messages', async () => {
    for (let count = 0; count < 2; count++)
      await talk.post(channel, { content: loud, nonce: 'n', enforce_nonce: true });
    expect(talk.double.pings).toHaveLength(3);
  });

  it('do not happen if the message is refused', async () => {
    talk.double.setPermissions(channel, ['SendMessages']);
    await talk.post(channel, loud);
    expect([talk.double.pings, talk.double.previews]).toEqual([[], []]);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTalk, type Talk } from './talk.ts';

let talk: Talk;
let channel: string;

beforeEach(async () => {
  talk = await startTalk();
  channel = talk.double.createChannel();
});
afterEach(() => talk.double.stop());

const list = async (query = '') => {
  const { body } = await talk.ask('GET', `/channels/${channel}/messages${query}`);
  return (body as { content: string }[]).map(({ content }) => content);
};

describe('messages', () => {
  it('are read newest first, in pages before, after and around one', async () => {
    const ids: string[] = [];
    for (const content of ['1', '2', '3', '4', '5', '6']) ids.push((await talk.post(channel, content)).body.id);
    expect(await list()).toEqual(['6', '5', '4', '3', '2', '1']);
    expect(await list('?limit=2')).toEqual(['6', '5']);
    expect(await list(`?limit=2&before=${ids[3]}`)).toEqual(['3', '2']);
    expect(await list(`?limit=2&after=${ids[2]}`)).toEqual(['5', '4']);
    expect(await list(`?limit=3&around=${ids[2]}`)).toEqual(['4', '3', '2']);
  });

  it('are read 50 at a time unless another number up to 100 is requested', async () => {
    for (let count = 0; count < 101; count++) await talk.post(channel, 'x');
    expect(await list()).toHaveLength(50);
    expect(await list('?limit=100')).toHaveLength(100);
    for (const limit of ['0', '101', 'x']) {
      const answer = await talk.ask('GET', `/channels/${channel}/messages?limit=${limit}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 50035, errors: { limit: {} } } });
    }
    const answer = await talk.ask('GET', `/channels/${channel}/messages?before=yesterday`);
    expect(answer).toMatchObject({ status: 400, body: { code: 50035, errors: { before: {} } } });
  });

  it('have ids that contain their time', async () => {
    const { body } = await talk.post(channel, 'now');
    expect(Number(BigInt(body.id) >> 22n) + 1_420_070_400_000).toBe(talk.clock.now());
    expect(Date.parse(body.timestamp)).toBe(talk.clock.now());
  });

  it('are returned as shown: trimmed, without nulls, with their author, without their nonce', async () => {
    const embeds = [{ title: ' t ', description: null, fields: [{ name: 'n', value: 'v' }] }, { title: ' ' }];
    const sent = await talk.post(channel, { content: '\n hi ', embeds, nonce: 'abc', flags: 4 });
    expect(sent.body.nonce).toBe('abc');
    const [read] = (await talk.ask('GET', `/channels/${channel}/messages`)).body;
    expect(read).toMatchObject({ content: 'hi', flags: 4, author: { id: talk.double.bot.id, bot: true } });
    expect(read.embeds).toEqual([{ type: 'rich', title: 't', fields: [{ name: 'n', value: 'v', inline: false }] }]);
    expect(read).not.toHaveProperty('nonce');
  });

  it('are edited only in the fields of an edit', async () => {
    const { body } = await talk.post(channel, { content: 'old', embeds: [{ title: 't' }] });
    const path = `/channels/${channel}/messages/${body.id}`;
    expect(await talk.ask('PATCH', path, { content: 'new' })).toMatchObject({
      status: 200,
      body: { content: 'new', embeds: [{ title: 't' }], edited_timestamp: expect.any(String) },
    });
    expect((await talk.ask('PATCH', path, { content: '', embeds: [] })).body).toMatchObject({ code: 50006 });
    expect((await talk.ask('PATCH', path, { embeds: null })).body).toMatchObject({ content: 'new', embeds: [] });
    expect((await talk.ask('GET', path)).body).toMatchObject({ content: 'new', embeds: [] });
  });

  it('that are older than an hour can be edited a few times only', async () => {
    const { body } = await talk.post(channel, 'old');
    const edit = (content: string) => talk.ask('PATCH', `/channels/${channel}/messages/${body.id}`, { content });
    for (let count = 0; count < 10; count++) expect((await edit('young')).status).toBe(200);
    await talk.clock.advance(3_600_001);
    for (let count = 0; count < 3; count++) expect((await edit('again')).status).toBe(200);
    expect(await edit('too often')).toMatchObject({ status: 429, body: { code: 30046, retry_after: 20 } });
    await talk.clock.advance(20_000);
    expect((await edit('later')).status).toBe(200);
  });

  it('are gone after they are deleted', async () => {
    const { body } = await talk.post(channel, 'x');
    const path = `/channels/${channel}/messages/${body.id}`;
    expect(await talk.ask('DELETE', path)).toMatchObject({ status: 204, body: null });
    for (const method of ['GET', 'DELETE'])
      expect(await talk.ask(method, path)).toMatchObject({ status: 404, body: { code: 10008 } });
    expect(await talk.ask('PATCH', path, { content: 'y' })).toMatchObject({ status: 404, body: { code: 10008 } });
    expect(await list()).toEqual([]);
  });

  it('reply to an existing one', async () => {
    const { body } = await talk.post(channel, 'first');
    const reply = (message_id: string, more = {}) =>
      talk.post(channel, { content: 'second', message_reference: { message_id, ...more } });
    expect((await reply(body.id)).body).toMatchObject({ type: 19, message_reference: { message_id: body.id } });
    expect((await reply('1')).body).toMatchObject({ code: 50035, errors: { message_reference: {} } });
    expect((await reply('1', { fail_if_not_exists: false })).status).toBe(200);
  });
});

describe('a nonce', () => {
  const form = (nonce: string | number, more = {}) => ({ content: 'x', nonce, enforce_nonce: true, ...more });

  it('makes one message in a channel for three minutes, and another after that', async () => {
    const first = await talk.post(channel, form('n'));
    await talk.clock.advance(179_999);
    expect((await talk.post(channel, form('n', { content: 'changed' }))).body).toEqual(first.body);
    expect((await talk.post(channel, form('m'))).body.id).not.toBe(first.body.id);
    await talk.clock.advance(1);
    expect((await talk.post(channel, form('n'))).body.id).not.toBe(first.body.id);
    expect(talk.double.messages(channel)).toHaveLength(3);
  });

  it('counts only in its channel', async () => {
    const other = talk.double.createChannel();
    const [here, there] = [await talk.post(channel, form('n')), await talk.post(other, form('n'))];
    expect(here.body.id).not.toBe(there.body.id);
  });

  it('is only stored if it is not enforced', async () => {
    const first = await talk.post(channel, form('n', { enforce_nonce: false }));
    const second = await talk.post(channel, form('n', { enforce_nonce: false }));
    expect(second.body.id).not.toBe(first.body.id);
    expect((await talk.post(channel, form('n'))).body.id).toBe(first.body.id);
  });

  it('makes no second message if the first was deleted', async () => {
    const first = await talk.post(channel, form('n'));
    talk.double.deleteMessage(channel, first.body.id);
    expect(await talk.post(channel, form('n'))).toMatchObject({ status: 404, body: { code: 10008 } });
    expect(talk.double.messages(channel)).toEqual([]);
  });

  it('has at most 25 characters', async () => {
    expect((await talk.post(channel, form('n'.repeat(25)))).status).toBe(200);
    expect((await talk.post(channel, form('n'.repeat(26)))).body).toMatchObject({
      code: 50035,
      errors: { nonce: { _errors: [{ code: 'BASE_TYPE_MAX_LENGTH' }] } },
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTalk, type Talk } from './talk.ts';

let talk: Talk;
let channel: string;
beforeAll(async () => {
  talk = await startTalk();
  channel = talk.double.createChannel();
});
afterAll(() => talk.double.stop());

const text = (length: number) => 'x'.repeat(length);
const fields = (count: number, length = 1) =>
  Array.from({ length: count }, () => ({ name: text(length), value: text(length) }));
const embed = (part: object) => ({ embeds: [{ title: 't', ...part }] });

/** Returns the only place that is reported as wrong, with its code. */
function wrongIn(errors: Record<string, unknown>, at = ''): string {
  const { _errors: own, ...inner } = errors as { _errors?: { code: string }[] };
  if (own) return `${at} ${own.map(({ code }) => code).join()}`;
  return Object.entries(inner)
    .map(([name, each]) => wrongIn(each as Record<string, unknown>, at ? `${at}.${name}` : name))
    .join('; ');
}

describe('the limits of a message', () => {
  it.each([
    ['content', (n: number) => ({ content: text(n) }), 2000, 'content'],
    ['embeds', (n: number) => ({ embeds: Array.from({ length: n }, () => ({ title: 't' })) }), 10, 'embeds'],
    ['title', (n: number) => embed({ title: text(n) }), 256, 'embeds.0.title'],
    ['description', (n: number) => embed({ description: text(n) }), 4096, 'embeds.0.description'],
    ['fields', (n: number) => embed({ fields: fields(n) }), 25, 'embeds.0.fields'],
    ['field name', (n: number) => embed({ fields: [{ name: text(n), value: 'v' }] }), 256, 'embeds.0.fields.0.name'],
    ['field value', (n: number) => embed({ fields: [{ name: 'n', value: text(n) }] }), 1024, 'embeds.0.fields.0.value'],
    ['footer', (n: number) => embed({ footer: { text: text(n) } }), 2048, 'embeds.0.footer.text'],
    ['author', (n: number) => embed({ author: { name: text(n) } }), 256, 'embeds.0.author.name'],
    ['url', (n: number) => embed({ url: `https://e.test/${text(n - 15)}` }), 2048, 'embeds.0.url'],
    [
      'mentioned users',
      (n: number) => ({ content: 'x', allowed_mentions: { users: Array.from({ length: n }, (_, i) => String(i)) } }),
      100,
      'allowed_mentions.users',
    ],
  ] as const)('are those of Discord for %s', async (_, form, most, place) => {
    expect((await talk.post(channel, form(most))).status).toBe(200);
    const refused = await talk.post(channel, form(most + 1));
    expect(refused).toMatchObject({ status: 400, body: { code: 50035, message: 'Invalid Form Body' } });
    expect(wrongIn(refused.body.errors)).toBe(`${place} BASE_TYPE_MAX_LENGTH`);
  });

  it('count 6000 characters over all embeds, without white space around texts', async () => {
    const form = (more: number) => ({
      embeds: [
        { title: text(100), description: ` ${text(2900)}\n`, footer: { text: text(900) }, author: { name: text(100) } },
        { fields: fields(1, 200), description: text(1600 + more) },
      ],
    });
    expect((await talk.post(channel, form(0))).status).toBe(200);
    const refused = await talk.post(channel, form(1));
    expect(wrongIn(refused.body.errors)).toBe('embeds.1 MAX_EMBED_SIZE_EXCEEDED');
  });

  it('count UTF-16 code units', async () => {
    expect((await talk.post(channel, { content: '😀'.repeat(1000) })).status).toBe(200);
    expect((await talk.post(channel, { content: '😀'.repeat(1001) })).status).toBe(400);
  });

  it.each([
    ['a blank field name', embed({ fields: [{ name: ' ', value: 'v' }] }), 'embeds.0.fields.0.name BASE_TYPE_REQUIRED'],
    ['no field value', embed({ fields: [{ name: 'n' }] }), 'embeds.0.fields.0.value BASE_TYPE_REQUIRED'],
    ['an empty footer', embed({ footer: { text: '' } }), 'embeds.0.footer.text BASE_TYPE_REQUIRED'],
    ['a picture without address', embed({ image: {} }), 'embeds.0.image.url BASE_TYPE_REQUIRED'],
    ['a script as address', embed({ url: 'javascript:alert(1)' }), 'embeds.0.url URL_TYPE_INVALID_SCHEME'],
    ['another scheme', embed({ image: { url: 'ftp://e.test/a.png' } }), 'embeds.0.image.url URL_TYPE_INVALID_SCHEME'],
    ['an attachment as link', embed({ url: 'attachment://a.png' }), 'embeds.0.url URL_TYPE_INVALID_SCHEME'],
    ['no address at all', embed({ url: '//e.test/x' }), 'embeds.0.url URL_TYPE_INVALID_URL'],
    ['an address with a space', embed({ url: 'https://e.test/a b' }), 'embeds.0.url URL_TYPE_INVALID_URL'],
    ['a colour beyond white', embed({ color: 0x1000000 }), 'embeds.0.color NUMBER_TYPE_MAX'],
    ['no colour', embed({ color: 'red' }), 'embeds.0.color NUMBER_TYPE_COERCE'],
    ['no time', embed({ timestamp: 'yesterday' }), 'embeds.0.timestamp DATE_TIME_TYPE_PARSE'],
    ['embeds that are none', { embeds: ['x'] }, 'embeds.0 MODEL_TYPE_CONVERT'],
    ['embeds that are no list', { embeds: {} }, 'embeds LIST_TYPE_CONVERT'],
    ['content that is not a text', { content: {} }, 'content STRING_TYPE_CONVERT'],
    ['a title that is not a text', embed({ title: 1 }), 'embeds.0.title STRING_TYPE_CONVERT'],
    [
      'a kind of mention that there is not',
      { content: 'x', allowed_mentions: { parse: ['here'] } },
      'allowed_mentions.parse.0 BASE_TYPE_CHOICES',
    ],
    [
      'mentions by kind and by id',
      { content: 'x', allowed_mentions: { parse: ['users'], users: ['1'] } },
      'allowed_mentions MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE',
    ],
    [
      'two things at once',
      { content: text(2001), ...embed({ title: text(257) }) },
      'content BASE_TYPE_MAX_LENGTH; embeds.0.title BASE_TYPE_MAX_LENGTH',
    ],
  ])('exclude %s', async (_, form, wrong) => {
    const refused = await talk.post(channel, form);
    expect(refused).toMatchObject({ status: 400, body: { code: 50035 } });
    expect(wrongIn(refused.body.errors)).toBe(wrong);
  });

  it('exclude a message that shows nothing', async () => {
    for (const form of [
      {},
      { content: ' \n' },
      { embeds: [] },
      { embeds: [{ title: ' ', color: 1 }] },
      { content: null },
    ])
      expect(await talk.post(channel, form)).toMatchObject({ status: 400, body: { code: 50006 } });
    for (const part of [{ image: { url: 'https://e.test/a.png' } }, { footer: { text: 'f' } }, { fields: fields(1) }])
      expect((await talk.post(channel, { embeds: [part] })).status).toBe(200);
  });

  it('exclude invalid JSON, a missing content type, and half a character', async () => {
    const path = `/channels/${channel}/messages`;
    expect((await talk.ask('POST', path, '{"content":')).body.code).toBe(50109);
    expect((await talk.ask('POST', path, '{"content":"\\ud83d"}')).body.code).toBe(50109);
    expect((await talk.ask('POST', path, '[]')).body.code).toBe(50035);
    const plain = await talk.ask('POST', path, '{"content":"x"}', { 'content-type': 'text/plain' });
    expect(plain).toMatchObject({ status: 400, body: { code: 50035 } });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answered, startTalk, type Talk } from './talk.ts';

let talk: Talk;
let channel: string;

beforeEach(async () => {
  talk = await startTalk();
  talk.double.limits = 'real';
  channel = talk.double.createChannel();
});
afterEach(() => talk.double.stop());

const header = ({ headers }: Answered, name: string) => headers.get(`x-ratelimit-${name}`);

describe('rate limits', () => {
  it('allow five messages in five seconds in a channel, and report that', async () => {
    const first = await talk.post(channel, '1');
    expect(header(first, 'limit')).toBe('5');
    expect(header(first, 'remaining')).toBe('4');
    expect(header(first, 'reset-after')).toBe('5.000');
    expect(Number(header(first, 'reset')) * 1_000).toBe(talk.clock.now() + 5_000);
    expect(header(first, 'scope')).toBe(null);
    await talk.clock.advance(2_000);
    for (const content of ['2', '3', '4', '5']) expect((await talk.post(channel, content)).status).toBe(200);
    const refused = await talk.post(channel, '6');
    expect(refused.status).toBe(429);
    expect(refused.body).toEqual({ message: 'You are being rate limited.', retry_after: 3, global: false, code: 0 });
    expect(refused.headers.get('retry-after')).toBe('3');
    expect(header(refused, 'scope')).toBe('user');
    expect(header(refused, 'remaining')).toBe('0');
    expect(header(refused, 'bucket')).toBe(header(first, 'bucket'));
    await talk.clock.advance(2_999);
    expect((await talk.post(channel, '6')).status).toBe(429);
    await talk.clock.advance(1);
    expect((await talk.post(channel, '6')).status).toBe(200);
    expect(
      talk.double
        .messages(channel)
        .map(({ content }) => content)
        .join(''),
    ).toBe('123456');
  });

  it('apply to each channel and each route separately', async () => {
    for (let count = 0; count < 5; count++) await talk.post(channel, 'x');
    expect((await talk.post(channel, 'x')).status).toBe(429);
    expect((await talk.post(talk.double.createChannel(), 'x')).status).toBe(200);
    const read = await talk.ask('GET', `/channels/${channel}/messages`);
    expect(read.status).toBe(200);
    expect(header(read, 'remaining')).toBe('4');
  });

  it('apply before the nonce: a repeat counts, too', async () => {
    const form = { content: 'x', nonce: 'n', enforce_nonce: true };
    for (let count = 0; count < 5; count++) expect((await talk.post(channel, form)).status).toBe(200);
    expect((await talk.post(channel, form)).status).toBe(429);
  });

  it('allow fifty requests per second of a bot', async () => {
    for (let count = 0; count < 50; count++)
      expect((await talk.post(talk.double.createChannel(), 'x')).status).toBe(200);
    const refused = await talk.post(channel, 'x');
    expect(refused).toMatchObject({ status: 429, body: { global: true, retry_after: 1 } });
    expect(header(refused, 'scope')).toBe('global');
    expect(header(refused, 'global')).toBe('true');
    await talk.clock.advance(1_000);
    expect((await talk.post(channel, 'x')).status).toBe(200);
  });

  it('are off initially, or as configured by a test', async () => {
    talk.double.limits = 'off';
    for (let count = 0; count < 60; count++) expect((await talk.post(channel, 'x')).status).toBe(200);
    talk.double.limits = { perChannel: 1, perMs: 100, globalPerSecond: 1_000 };
    const other = talk.double.createChannel();
    expect((await talk.post(other, 'x')).status).toBe(200);
    expect((await talk.post(other, 'x')).body.retry_after).toBe(0.1);
  });
});

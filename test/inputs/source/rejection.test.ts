import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/secrets/secret.ts';
import { listenTo, nextClient, readable, serverOf } from './hearing.ts';

describe('a rejected key', () => {
  it('is a state of its own, and the log names the origin of the key', async () => {
    const server = await serverOf({ answer: 'reject' });
    const hearing = listenTo(server.url);
    const client = await nextClient(server);
    await hearing.untilState('rejected');
    await client.gone();
    expect(readable(hearing).at(-1)).toBe(
      'error: metasmoke rejects the API key from config.yaml:3:8, METASMOKE_KEY: no events arrive until it is corrected. ' +
        'Correct it and reload Lookout; retrying with the same key in 5 min',
    );
  });

  it('in a file is read again: another one is used at once', async () => {
    let content = 'old-key-of-the-file';
    const fileKey = new Secret(content, 'config.yaml:3:8', { name: 'smoke.key', read: () => content });
    const server = await serverOf({ answer: 'reject' });
    const hearing = listenTo(server.url, { key: fileKey });
    await nextClient(server);
    await hearing.untilState('rejected');
    expect(readable(hearing).at(-1)).toContain('Correct it in smoke.key, which is read again in 5 min');
    content = 'new-key-of-the-file';
    await hearing.clock.advance(5 * 60_000);
    await nextClient(server);
    await hearing.until(() => readable(hearing).some((line) => line.includes('there is another one by now')));
    server.behave({});
    await hearing.clock.advance(0);
    const client = await nextClient(server);
    await hearing.untilState('subscribed');
    expect(client.identifier).toContain('new-key-of-the-file');
  });

  it('is retried every five minutes and not sooner', async () => {
    const server = await serverOf({ answer: 'reject' });
    const hearing = listenTo(server.url);
    await nextClient(server);
    await hearing.untilState('rejected');
    for (let again = 2; again <= 4; again++) {
      await hearing.clock.advance(5 * 60_000 - 1);
      expect(server.connections).toBe(again - 1);
      await hearing.clock.advance(1);
      await nextClient(server);
      await hearing.until(() => hearing.log.filter((line) => line.level === 'error').length === again);
    }
    expect(hearing.states.map((s) => s.state)).toEqual(['connecting', 'rejected']);
  });

  it('ends when the server accepts the key again, and the time in between is a gap', async () => {
    const server = await serverOf({ answer: 'reject' });
    const hearing = listenTo(server.url);
    const startedAt = hearing.clock.now();
    await nextClient(server);
    await hearing.untilState('rejected');
    server.behave({});
    await hearing.clock.advance(5 * 60_000);
    await nextClient(server);
    await hearing.untilState('subscribed');
    expect(hearing.gaps).toEqual([{ from: startedAt, reason: 'the key was rejected' }]);
  });

  it('may come in the middle of a subscription', async () => {
    const server = await serverOf();
    const hearing = listenTo(server.url);
    const client = await nextClient(server);
    await hearing.untilState('subscribed');
    client.raw(JSON.stringify({ identifier: client.identifier, type: 'reject_subscription' }));
    await hearing.untilState('rejected');
    await client.gone();
  });

  it('gives way to an outage, which has its own delays', async () => {
    const server = await serverOf({ upgrade: 502 });
    const hearing = listenTo(server.url);
    await hearing.untilState('lost');
    server.behave({ answer: 'reject' });
    await hearing.clock.advance(500);
    await nextClient(server);
    await hearing.untilState('rejected');
    await server.hangUp();
    await hearing.clock.advance(5 * 60_000);
    await hearing.untilState('lost');
    await server.listen();
    await hearing.clock.advance(500);
    await nextClient(server);
    await hearing.untilState('rejected');
    expect(hearing.states.map((s) => s.state)).toEqual(['connecting', 'lost', 'rejected', 'lost', 'rejected']);
  });
});

describe('the key', () => {
  it.each([
    [
      'whole, in a disconnect',
      (identifier: string) => ({ how: 'disconnect' as const, words: `unknown ${identifier}` }),
    ],
    ['whole, in a close', () => ({ how: 'close' as const, words: 'key k3y-d0-n0t-sh0w-51?' })],
    ['cut short, in a close', () => ({ how: 'close' as const, words: 'key k3y-d0-n0t-s' })],
  ])('is shown nowhere, though the server quotes it: %s', async (_where, quote) => {
    const server = await serverOf();
    const hearing = listenTo(server.url);
    const client = await nextClient(server);
    await hearing.untilState('subscribed');
    expect(client.identifier).toContain('k3y-d0-n0t-sh0w-51');
    const { how, words } = quote(client.identifier);
    if (how === 'disconnect') client.disconnect(words, true);
    else client.close(4000, words);
    await hearing.untilState('lost');
    // hearing.ts checks at the end of every test that no callback contained the key.
    expect(hearing.source.state).toMatchObject({ reason: expect.stringMatching(/\[secret\]|it quotes the key/) });
  });
});

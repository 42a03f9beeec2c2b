import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { identify } from './cable-socket.ts';
import { event, startTestHub } from './test-hub.ts';

/** Completes the upgrade, subscribes, and then never reads again. */
async function connectAndStopReading(port: number, identifier: string): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET /cable HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: actioncable-v1-json\r\n\r\n`,
  );
  await once(socket, 'data');
  const payload = Buffer.from(JSON.stringify({ command: 'subscribe', identifier }));
  // A masked text frame with a mask of zeros and a length of two bytes.
  socket.write(
    Buffer.concat([Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]), payload]),
  );
  let heard = '';
  while (!heard.includes('confirm_subscription')) heard += (await once(socket, 'data'))[0];
  socket.pause();
  return socket;
}

describe('many clients', () => {
  it('a thousand receive every event, in order and soon', async () => {
    const { hub, key, connect } = await startTestHub();
    const clients = await Promise.all(Array.from({ length: 1_000 }, () => connect()));
    await Promise.all(
      clients.map((client, n) =>
        client.subscribe(
          JSON.stringify({ channel: 'ApiChannel', key, events: n % 2 === 0 ? 'posts' : 'posts#create', n }),
        ),
      ),
    );
    expect([hub.clients, hub.subscriptions]).toEqual([1_000, 1_000]);
    const started = performance.now();
    const body = 'x'.repeat(2_000);
    for (let id = 0; id < 5; id++) hub.publish(event('Post', 'create', { id, body }));
    const publishedMs = performance.now() - started;
    const ids = await Promise.all(
      clients.map(async (client) => {
        const heard: unknown[] = [];
        for (let id = 0; id < 5; id++) heard.push((await client.next()).json.message);
        return heard.map((message) => (message as { object: { id: number } }).object.id).join();
      }),
    );
    expect(new Set(ids)).toEqual(new Set(['0,1,2,3,4']));
    // A loose limit: a fifth of it is usual here, on a machine that does other things too.
    expect(publishedMs).toBeLessThan(2_000);
    await Promise.all(clients.map((client) => client.close()));
  });

  it('shares the bytes of a large event between clients, which receive it as one message', async () => {
    const { hub, key, connect } = await startTestHub();
    const clients = await Promise.all(Array.from({ length: 20 }, () => connect()));
    const identifier = identify(key, 'posts');
    await Promise.all(clients.map((client) => client.subscribe(identifier)));
    const object = { id: 1, body: '<ü>'.repeat(200_000) };
    hub.publish(event('Post', 'create', object));
    for (const client of clients) {
      const { json } = await client.next();
      expect(json).toEqual({ identifier, message: { event_type: 'create', event_class: 'Post', object } });
    }
  });

  it('drops a client that does not read, while the others receive everything', async () => {
    const { hub, key, http, connect, clock, logged } = await startTestHub({ unreadLimitBytes: 1024 * 1024 });
    const polite = await connect();
    await polite.subscribe(identify(key, 'posts'));
    const silent = await connectAndStopReading(Number(new URL(http).port), identify(key, 'posts'));
    expect(hub.clients).toBe(2);
    const body = 'x'.repeat(512 * 1024);
    let id = 0;
    for (; id < 200 && hub.clients === 2; id++) {
      hub.publish(event('Post', 'create', { id, body }));
      expect(((await polite.next()).json.message as { object: { id: number } }).object.id).toBe(id);
    }
    expect(hub.clients).toBe(1);
    expect(hub.subscriptions).toBe(1);
    // The kernel's buffers come on top of our limit; 200 events would be 100 MB.
    expect(id).toBeLessThan(60);
    expect(logged.join('')).toContain('does not read');
    hub.publish(event('Post', 'create', { id: 1_000 }));
    expect((await polite.next()).json.message).toMatchObject({ object: { id: 1_000 } });
    await clock.advance(3_000);
    silent.destroy();
  });

  it('drops the clients with the most unread bytes when all together exceed the limit', async () => {
    const { hub, key, http, connect } = await startTestHub({ allUnreadBytes: 4 * 1024 * 1024 });
    const polite = await connect();
    await polite.subscribe(identify(key, 'posts'));
    const port = Number(new URL(http).port);
    const silent = await Promise.all(
      Array.from({ length: 3 }, () => connectAndStopReading(port, identify(key, 'posts'))),
    );
    const body = 'x'.repeat(512 * 1024);
    let id = 0;
    for (; id < 200 && hub.clients > 1; id++) {
      hub.publish(event('Post', 'create', { id, body }));
      expect(((await polite.next()).json.message as { object: { id: number } }).object.id).toBe(id);
    }
    // None of them exceeds the limit of one client, and the kernel's buffers come on top.
    expect(hub.clients).toBe(1);
    expect(id).toBeLessThan(60);
    for (const socket of silent) socket.destroy();
  });

  it('stops in time although a client does not answer the close frame', async () => {
    const { hub, key, http } = await startTestHub();
    const silent = await connectAndStopReading(Number(new URL(http).port), identify(key, 'posts'));
    const stopped = await Promise.race([hub.stop().then(() => 'stopped'), wait(5_000, 'hangs', { ref: false })]);
    expect(stopped).toBe('stopped');
    silent.destroy();
  });
});

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { codePoint } from '../support/code-point.ts';
import { identify } from './cable-socket.ts';
import { event, startTestHub } from './test-hub.ts';

const anyFrame = fc.oneof(
  fc.string({ unit: codePoint }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.json(),
  fc
    .record(
      {
        command: fc.oneof(
          fc.constantFrom('subscribe', 'unsubscribe', 'message', 'whisper', '__proto__'),
          fc.jsonValue(),
        ),
        identifier: fc.oneof(
          fc.string({ unit: codePoint }),
          fc.jsonValue(),
          fc
            .record(
              {
                channel: fc.constantFrom('ApiChannel', 'Other'),
                key: fc.oneof(fc.constant('another key'), fc.jsonValue()),
                events: fc.oneof(fc.string(), fc.jsonValue()),
              },
              { requiredKeys: [] },
            )
            .map((value) => JSON.stringify(value)),
        ),
        data: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((value) => JSON.stringify(value)),
);

describe('a client that sends invalid frames', () => {
  it('never crashes the hub or fills its log, whatever the frames', async () => {
    const { key, hub, connect, logged } = await startTestHub();
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 20 }), async (frames) => {
        const client = await connect();
        for (const frame of frames) client.socket.send(frame);
        const identifier = identify(key, 'announcements');
        client.send({ command: 'subscribe', identifier });
        // The socket stays open, and a valid request is answered.
        for (;;) {
          const { json } = await client.next();
          if (json.identifier === identifier) break;
        }
        hub.publish(event('Announcement', 'create', { id: 1 }));
        await client.close();
      }),
      { numRuns: 60 },
    );
    const warnings = logged.filter((line) => JSON.parse(line).level >= 40);
    // The clock stands still: one line per kind, whatever their number.
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThanOrEqual(3);
  });

  it('is disconnected when a frame is over the limit, while others stay connected', async () => {
    const { key, hub, connect } = await startTestHub();
    const [rude, polite] = [await connect(), await connect()];
    await polite.subscribe(identify(key, 'posts'));
    const closed = once(rude.socket, 'close');
    rude.send('x'.repeat(64 * 1024 + 1));
    expect((await closed)[0]).toBe(1009);
    hub.publish(event('Post', 'create', { id: 1 }));
    expect((await polite.next()).json.message).toMatchObject({ object: { id: 1 } });
  });

  it('logs how many warnings it suppressed', async () => {
    const { connect, clock, logged } = await startTestHub();
    const client = await connect();
    for (let n = 0; n < 5; n++) await client.subscribe('nonsense');
    await clock.advance(10_000);
    await client.subscribe('nonsense');
    const lines = logged.map((line) => JSON.parse(line)).filter((line) => line.msg.includes('rejected'));
    expect(lines.map((line) => line.unsaid)).toEqual([undefined, 4]);
  });

  it.each([
    'no WebSocket at all\r\n\r\n',
    'GET /cable HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nHost: x\r\n\r\n',
  ])('gets a 400 for a broken handshake: %j', async (text) => {
    const { http } = await startTestHub();
    const socket = connectTcp(Number(new URL(http).port), '127.0.0.1');
    socket.write(text);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
  });
});

/** Completes the upgrade, sends a subscribe again and again, and never reads. */
async function floodWithoutReading(port: number, identifier: string): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.on('error', () => {});
  const key = randomBytes(16).toString('base64');
  socket.write(
    `GET /cable HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: actioncable-v1-json\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.pause();
  const payload = Buffer.from(JSON.stringify({ command: 'subscribe', identifier }));
  // A masked text frame with a mask of zeros and a length of two bytes.
  const frame = Buffer.concat([
    Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0]),
    payload,
  ]);
  const send = () => {
    while (!socket.destroyed && socket.write(frame));
  };
  socket.on('drain', send);
  send();
  return socket;
}

describe('a client that sends no key', () => {
  it('is dropped early when it does not read', async () => {
    const { hub, http, logged } = await startTestHub();
    // The answer repeats the identifier with each character as six.
    const socket = await floodWithoutReading(Number(new URL(http).port), '<'.repeat(10_000));
    await new Promise((resolve) => socket.once('close', resolve));
    await vi.waitFor(() => expect(hub.clients).toBe(0));
    const dropped = logged.map((line) => JSON.parse(line)).find((line) => line.msg.includes('does not read'));
    expect(dropped.unreadLimitBytes).toBe(16 * 1024);
    expect(dropped.unreadBytes).toBeLessThan(128 * 1024);
  });

  it('is disconnected with a reason after 30 s, while one that sent a key stays', async () => {
    const { hub, clock, key, connect } = await startTestHub();
    const [stranger, known] = [await connect(), await connect()];
    await known.subscribe(identify(key, 'posts'));
    expect(await stranger.subscribe(identify('wrong', 'posts'))).toBe('reject_subscription');
    await clock.advance(29_000);
    expect(hub.clients).toBe(2);
    const closed = once(stranger.socket, 'close');
    await clock.advance(1_000);
    expect((await stranger.next()).json).toEqual({ type: 'disconnect', reason: 'no_key_in_time', reconnect: true });
    expect((await closed)[0]).toBe(1000);
    await vi.waitFor(() => expect(hub.clients).toBe(1));
    await clock.advance(60_000);
    hub.publish(event('Post', 'create', { id: 1 }));
    expect((await known.next()).json.message).toMatchObject({ object: { id: 1 } });
  });

  it('gives way to the next when there are a thousand, so that a client with a key is served', async () => {
    const { hub, key, connect } = await startTestHub();
    const first = await connect();
    const strangers = await Promise.all(Array.from({ length: 999 }, () => connect()));
    const known = await connect();
    expect((await first.next()).json).toMatchObject({ reason: 'too_many_without_key' });
    expect(await known.subscribe(identify(key, 'posts'))).toBe('confirm_subscription');
    await vi.waitFor(() => expect(hub.clients).toBe(1_000));
    await Promise.all([known, ...strangers].map((client) => client.close()));
  });

  it('gets no answer to an identifier of more than 16 kB', async () => {
    const { key, connect, logged } = await startTestHub();
    const client = await connect();
    client.send({ command: 'subscribe', identifier: 'x'.repeat(16 * 1024 + 1) });
    expect(await client.subscribe(identify(key, 'posts'))).toBe('confirm_subscription');
    expect(logged.join('')).toContain('an identifier of more than 16384 characters');
  });
});

import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identify } from './cable-socket.ts';
import { event, startTestHub } from './test-hub.ts';

const anyFrame = fc.oneof(
  fc.string({ unit: 'binary' }),
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
          fc.string({ unit: 'binary' }),
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

describe('a client that sends nonsense', () => {
  it('never crashes the hub or fills its log, whatever the frames', async () => {
    const { key, hub, connect, logged } = await startTestHub();
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 20 }), async (frames) => {
        const client = await connect();
        for (const frame of frames) client.socket.send(frame);
        const identifier = identify(key, 'announcements');
        client.send({ command: 'subscribe', identifier });
        // The socket lives on: what was asked properly is answered.
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
    // The clock stands still: one line of a kind, whatever their number.
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings.length).toBeLessThanOrEqual(3);
  });

  it('is cut off when a frame is over the limit, while others go on', async () => {
    const { key, hub, connect } = await startTestHub();
    const [rude, polite] = [await connect(), await connect()];
    await polite.subscribe(identify(key, 'posts'));
    const closed = once(rude.socket, 'close');
    rude.send('x'.repeat(64 * 1024 + 1));
    expect((await closed)[0]).toBe(1009);
    hub.publish(event('Post', 'create', { id: 1 }));
    expect((await polite.next()).json.message).toMatchObject({ object: { id: 1 } });
  });

  it('says how often it kept a warning to itself', async () => {
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

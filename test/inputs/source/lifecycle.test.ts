import { adapters } from '@rails/actioncable';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/time/clock.ts';
import { key, listenTo, nextClient, prepare, readable, serverOf, subscribed } from './hearing.ts';

describe('a source', () => {
  it('requests its events once, with channel, key and events as identifier', async () => {
    const { client } = await subscribed();
    expect(client.received.length).toBe(1);
    expect(JSON.parse(client.received[0] ?? '')).toEqual({
      command: 'subscribe',
      identifier: `{"channel":"ApiChannel","key":"${key.reveal()}","events":"posts#create;feedbacks"}`,
    });
  });

  it('speaks actioncable-v1-json, uncompressed, with an origin that Rails accepts', async () => {
    const { server, client } = await subscribed();
    expect(client.request.headers).toMatchObject({
      origin: server.url.replace('ws:', 'http:').replace('/cable', ''),
      'sec-websocket-protocol': 'actioncable-v1-json,actioncable-unsupported',
    });
    expect(client.request.headers).not.toHaveProperty('sec-websocket-extensions');
  });

  it('logs that it does not connect if there are no events to request', async () => {
    const server = await serverOf();
    const hearing = listenTo(server.url, { events: '' });
    await hearing.clock.advance(60_000);
    expect(hearing.states).toEqual([{ state: 'idle' }]);
    expect(server.connections).toBe(0);
    expect(readable(hearing)).toEqual([
      'info: Not connecting to metasmoke: no subscription names any event, so there is nothing to request',
    ]);
  });

  it('starts once', async () => {
    const { server, hearing } = await subscribed();
    hearing.source.start();
    await hearing.clock.advance(5_000);
    expect(server.connections).toBe(1);
  });

  it('shows neither user nor query of its address', async () => {
    const server = await serverOf();
    const hearing = listenTo(`${server.url.replace('ws://', 'ws://me:pa55@')}?token=t0k3n`);
    await nextClient(server);
    await hearing.untilState('subscribed');
    expect(JSON.stringify(hearing.log)).not.toMatch(/pa55|t0k3n/);
  });

  it('shares a process with other sources: one class of sockets, each with its own limit and listener', async () => {
    const before = adapters.WebSocket;
    const one = await subscribed({ payloadLimitBytes: 1_000 });
    const two = await subscribed({ payloadLimitBytes: 100_000 });
    expect(adapters.WebSocket).toBe(before);
    expect(globalThis).not.toHaveProperty('addEventListener');
    one.client.message(1);
    two.client.message('2'.repeat(2_000));
    await one.hearing.until(() => one.hearing.messages.length === 1);
    await two.hearing.until(() => two.hearing.messages.length === 1);
    expect([one.hearing.messages, two.hearing.messages]).toEqual([[1], ['2'.repeat(2_000)]]);
    one.client.kill();
    await one.hearing.untilState('lost');
    expect(two.hearing.source.state.state).toBe('subscribed');
  });

  it('sends no fragment of an address, and opens no socket that it did not order', async () => {
    const { server, client } = await subscribed();
    expect(client.request.url).toBe('/cable');
    expect(() => new adapters.WebSocket(`${server.url}#1`, [])).toThrow('no connection ordered this socket');
    expect(() => new adapters.WebSocket(server.url, [])).toThrow('no connection ordered this socket');
    expect(server.connections).toBe(1);
  });

  it('reports an unusable address like any other loss', async () => {
    const hearing = listenTo('ws://127.0.0.1:1/cable#part');
    await hearing.untilState('lost');
    expect(readable(hearing).join()).toContain('fragment');
  });

  it('recovers in real time too', async () => {
    const server = await serverOf();
    await server.hangUp();
    const hearing = listenTo(server.url, { clock: systemClock });
    await hearing.untilState('lost');
    await server.listen();
    await nextClient(server);
    await hearing.untilState('subscribed');
  });
});

describe('stop', () => {
  it.each([
    ['while the server is mute', { upgrade: 'mute' as const }],
    ['while the server does not welcome', { welcome: false }],
    ['while the server does not confirm', { answer: 'nothing' as const }],
    ['while subscribed', {}],
  ])('ends everything at once: %s', async (_when, behaviour) => {
    const server = await serverOf(behaviour);
    const hearing = listenTo(server.url);
    const socket = await server.connection();
    const gone = new Promise((resolve) => socket.on('close', resolve));
    const startedAt = performance.now();
    await hearing.source.stop();
    await gone;
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(hearing.source.state).toEqual({ state: 'stopped' });
    await hearing.clock.advance(60_000);
    expect(server.connections).toBe(1);
  });

  it('does not wait for a frozen server, but until its own socket is closed', async () => {
    const { hearing, client } = await subscribed();
    client.freeze();
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    const startedAt = performance.now();
    await hearing.source.stop();
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(sockets()).toBe(before - 1);
  });

  it('says goodbye to a server that reads', async () => {
    const { hearing, client } = await subscribed();
    const code = client.closeCode();
    await hearing.source.stop();
    expect(await code).toBe(1000);
  });

  it('ends the wait for the next attempt', async () => {
    const server = await serverOf({ upgrade: 502 });
    const hearing = listenTo(server.url);
    await hearing.untilState('lost');
    await hearing.source.stop();
    await hearing.clock.advance(60_000);
    expect(server.connections).toBe(1);
  });

  it('may come before the start', async () => {
    const server = await serverOf();
    const hearing = prepare(server.url);
    const { source, clock, states } = hearing;
    await source.stop();
    source.start();
    await clock.advance(60_000);
    expect(states).toEqual([{ state: 'stopped' }]);
    expect(readable(hearing)).toEqual(['info: Stopped listening to metasmoke']);
    expect(server.connections).toBe(0);
  });

  it('may come twice, and is for good', async () => {
    const { server, hearing } = await subscribed();
    await Promise.all([hearing.source.stop(), hearing.source.stop()]);
    hearing.source.start();
    await hearing.clock.advance(60_000);
    expect(hearing.states.map((s) => s.state)).toEqual(['connecting', 'subscribed', 'stopped']);
    expect(server.connections).toBe(1);
  });

  it.each(['connecting', 'subscribed', 'lost', 'rejected'] as const)(
    'may be called in the callback of a state: %s',
    async (at) => {
      const server = await serverOf({ answer: at === 'rejected' ? 'reject' : 'confirm' });
      if (at === 'lost') await server.hangUp();
      const told: string[] = [];
      const stopped = Promise.withResolvers<void>();
      const { source, clock } = prepare(server.url, {
        onState: ({ state }) => {
          told.push(state);
          if (state === at) void source.stop().then(stopped.resolve);
        },
        onGap: () => told.push('gap'),
      });
      source.start();
      await stopped.promise;
      await clock.advance(10 * 60_000);
      expect(told.slice(told.indexOf(at))).toEqual([at, 'stopped']);
    },
  );

  it('may be called in the callback of a message, and no other message follows', async () => {
    const server = await serverOf();
    const hearing = prepare(server.url, { onMessage: () => void hearing.source.stop() });
    hearing.source.start();
    const client = await nextClient(server);
    await hearing.untilState('subscribed');
    const frame = Buffer.from(JSON.stringify({ identifier: client.identifier, message: 'm' }));
    const header = Buffer.from([0x81, 126, frame.length >> 8, frame.length & 255]);
    client.bytes(Buffer.concat([header, frame, header, frame]));
    await client.gone();
    expect(hearing.messages).toEqual(['m']);
  });

  it('may be called in the callback of a gap, and no other state follows', async () => {
    const states: string[] = [];
    const server = await serverOf();
    const { source, clock } = prepare(server.url, {
      payloadLimitBytes: 100,
      onState: ({ state }) => states.push(state),
      onGap: () => void source.stop(),
    });
    source.start();
    const client = await nextClient(server);
    client.message('x'.repeat(1_000));
    await client.gone();
    await clock.advance(60_000);
    expect(states).toEqual(['connecting', 'stopped']);
  });

  it('does not report a gap afterwards', async () => {
    const server = await serverOf({ upgrade: 502 });
    const hearing = prepare(server.url, {
      onState: ({ state }) => {
        if (state === 'subscribed') void hearing.source.stop();
      },
    });
    hearing.source.start();
    await hearing.untilState('lost');
    server.behave({});
    await hearing.clock.advance(500);
    await (await nextClient(server)).gone();
    expect(hearing.source.state.state).toBe('stopped');
    expect(hearing.gaps).toEqual([]);
  });
});

import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectRecovery, listenTo, nextClient, readable, serverOf, subscribed } from './hearing.ts';

describe('a source that cannot connect', () => {
  it('recovers from a refused connection', async () => {
    const server = await serverOf();
    await server.hangUp();
    const hearing = listenTo(server.url);
    await hearing.untilState('lost');
    expect(hearing.source.state).toMatchObject({ reason: expect.stringContaining('ECONNREFUSED') });
    await server.listen();
    await expectRecovery(hearing, server);
    expect(hearing.states.map((s) => s.state)).toEqual(['connecting', 'lost', 'subscribed']);
    expect(readable(hearing)).toEqual([
      expect.stringMatching(/^info: Connecting to metasmoke at ws:\/\/127.0.0.1:\d+\/cable$/),
      'warn: No connection to metasmoke: the server cannot be reached: nothing listens at that address (ECONNREFUSED). Trying again in 0.5 s',
      'info: Connected to metasmoke and subscribed again after 0.5 s; events since 2026-01-02T03:04:05.000Z may be missing',
    ]);
  });

  it.each([
    [404, "HTTP 404 instead of opening a WebSocket (is source.url right? metasmoke's ends in /cable)"],
    [401, "HTTP 401 instead of opening a WebSocket (is source.url right? metasmoke's ends in /cable)"],
    [502, 'HTTP 502 instead of opening a WebSocket (it is down, restarting or overloaded)'],
    [301, 'HTTP 301 instead of opening a WebSocket (a redirect, which is not followed: is source.url right?)'],
  ])('explains HTTP %i and recovers from it', async (status, words) => {
    const server = await serverOf({ upgrade: status });
    const hearing = listenTo(server.url);
    await hearing.untilState('lost');
    expect(readable(hearing)[1]).toContain(words);
    await expectRecovery(hearing, server);
  });

  it('gives up a server that accepts TCP and sends nothing, after 10 s', async () => {
    const server = await serverOf({ upgrade: 'mute' });
    const hearing = listenTo(server.url);
    await server.connection();
    await hearing.clock.advance(9_999);
    expect(hearing.source.state.state).toBe('connecting');
    await hearing.clock.advance(1);
    expect(hearing.source.state).toMatchObject({
      state: 'lost',
      reason: 'the server did not open a WebSocket within 10 s',
    });
    await expectRecovery(hearing, server);
  });

  it('gives up a server that opens a WebSocket and never welcomes, after 10 s', async () => {
    const server = await serverOf({ welcome: false });
    const hearing = listenTo(server.url);
    const client = await server.client();
    for (let second = 0; second < 20 && hearing.source.state.state === 'connecting'; second++) {
      client.ping();
      await hearing.clock.advance(1_000);
    }
    expect(hearing.source.state).toMatchObject({ reason: expect.stringContaining('no welcome within 10 s') });
    await client.gone();
    await expectRecovery(hearing, server);
  });

  it('subscribes once, and gives up a server that never confirms, after 10 s', async () => {
    const server = await serverOf({ answer: 'nothing' });
    const hearing = listenTo(server.url);
    const client = await nextClient(server);
    client.raw('{"type":"welcome"}');
    for (let second = 0; second < 20 && hearing.source.state.state === 'connecting'; second++) {
      client.ping();
      await hearing.clock.advance(1_000);
    }
    expect(hearing.source.state).toMatchObject({ reason: expect.stringContaining('answer the subscription') });
    await client.gone();
    expect(client.received).toEqual([JSON.stringify({ command: 'subscribe', identifier: client.identifier })]);
    await expectRecovery(hearing, server);
  });

  it('recovers from a server that speaks another protocol', async () => {
    const server = await serverOf({ protocol: 'actioncable-unsupported' });
    const hearing = listenTo(server.url);
    await server.client();
    await hearing.untilState('lost');
    expect(hearing.source.state).toMatchObject({ reason: expect.stringContaining('does not speak Action Cable') });
    await expectRecovery(hearing, server);
  });

  it('recovers from a server that chooses no subprotocol', async () => {
    const server = await serverOf({ protocol: null });
    const hearing = listenTo(server.url);
    await server.client();
    await hearing.untilState('lost');
    expect(hearing.source.state).toMatchObject({ reason: expect.stringContaining('no subprotocol') });
    await expectRecovery(hearing, server);
  });

  it('survives a server that does not speak HTTP', async () => {
    const rude = createServer((socket) =>
      socket
        .on('error', () => {})
        .resume()
        .end('220 mail.example.org ESMTP\r\n'),
    );
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => rude.close(() => resolve())));
    const hearing = listenTo(`ws://127.0.0.1:${(rude.address() as { port: number }).port}/cable`);
    await hearing.untilState('lost');
    expect(readable(hearing)[1]).toContain('the server cannot be reached');
  });

  it.each(['not an address', 'https://example.org/cable', 'ws://127.0.0.1:1/cable#here'])(
    'never throws for an unusable address: %s',
    async (url) => {
      const hearing = listenTo(url);
      await hearing.untilState('lost');
      await hearing.clock.advance(10_000);
      expect(hearing.source.state.state).toBe('lost');
    },
  );
});

describe('a source that was subscribed', () => {
  it.each([
    ['server_restart', true],
    ['remote', true],
    ['remote', false],
    ['unauthorized', false],
    ['invalid_request', false],
  ])('comes back after disconnect "%s" with reconnect %s', async (reason, reconnect) => {
    const { server, hearing, client } = await subscribed();
    client.disconnect(reason, reconnect);
    await hearing.untilState('lost');
    expect(hearing.source.state).toMatchObject({ reason: expect.stringContaining(`the reason "${reason}"`) });
    await client.gone();
    await expectRecovery(hearing, server);
  });

  it('comes back after a close with code 1000 and no other frame', async () => {
    const { server, hearing, client } = await subscribed();
    client.close(1000);
    await hearing.untilState('lost');
    expect(hearing.source.state).toMatchObject({ reason: 'the server closed the connection (code 1000)' });
    await expectRecovery(hearing, server);
  });

  it('comes back after its connection was killed', async () => {
    const { server, hearing, client } = await subscribed();
    client.kill();
    await hearing.untilState('lost');
    expect(hearing.source.state).toMatchObject({ reason: 'the connection ended without a close frame (code 1006)' });
    await expectRecovery(hearing, server);
  });

  it('comes back when the server was killed and started again, and reports the gap from the last sign of life', async () => {
    const { server, hearing, client } = await subscribed();
    await hearing.clock.advance(2_000);
    client.ping();
    client.message('last');
    await hearing.until(() => hearing.messages.length === 1);
    const heardAt = hearing.clock.now();
    await hearing.clock.advance(1_000);
    await server.hangUp();
    await hearing.untilState('lost');
    expect(hearing.source.state).toMatchObject({ since: heardAt });
    await hearing.clock.advance(500);
    await hearing.until(() => hearing.log.some((line) => line.text.includes('ECONNREFUSED')));
    await server.listen();
    await expectRecovery(hearing, server, 1_000);
    expect(hearing.gaps).toEqual([{ from: heardAt, reason: 'the connection ended without a close frame (code 1006)' }]);
  });

  it('reports a frozen server as stale after 7 s, gives it up after 12 s, and comes back', async () => {
    const { server, hearing, client } = await subscribed();
    const heardAt = hearing.clock.now();
    await hearing.clock.advance(7_000);
    expect(hearing.source.state).toEqual({ state: 'stale', since: heardAt });
    await hearing.clock.advance(5_000);
    expect(hearing.source.state).toMatchObject({ state: 'lost', since: heardAt });
    await client.gone();
    await expectRecovery(hearing, server);
    expect(hearing.gaps).toEqual([{ from: heardAt, reason: 'the server gave no sign of life for 12 s' }]);
  });

  it('gives up a frozen server that does not read', async () => {
    const { server, hearing, client } = await subscribed();
    client.freeze();
    await hearing.clock.advance(12_000);
    expect(hearing.source.state.state).toBe('lost');
    await expectRecovery(hearing, server);
  });

  it('stays with a server that was silent for 8 s, and reports that events may have been missed', async () => {
    const { server, hearing, client } = await subscribed();
    const heardAt = hearing.clock.now();
    await hearing.clock.advance(8_000);
    expect(hearing.source.state.state).toBe('stale');
    client.ping();
    await hearing.untilState('subscribed');
    expect(hearing.gaps).toEqual([{ from: heardAt, reason: expect.stringContaining('no sign of life') }]);
    expect(server.connections).toBe(1);
  });

  it('stays subscribed as long as pings arrive', async () => {
    const { server, hearing, client } = await subscribed();
    for (let i = 0; i < 100; i++) {
      client.ping();
      client.message(i);
      await hearing.until(() => hearing.messages.length === i + 1);
      await hearing.clock.advance(3_000);
    }
    expect(hearing.states.map((s) => s.state)).toEqual(['connecting', 'subscribed']);
    expect(server.connections).toBe(1);
  });
});

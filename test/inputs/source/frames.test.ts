import { describe, expect, it } from 'vitest';
import { key, listenTo, nextClient, readable, serverOf, subscribed } from './hearing.ts';

const quoted = JSON.stringify({ identifier: `{"key":"${key.reveal()}"}` });

describe('messages', () => {
  it.each([
    ['of the documented shape', { event_type: 'create', event_class: 'Post', object: { id: 1, title: '<b>é\u2028𝄞' } }],
    ['of a legacy stream', { not_flagged: { post: { id: 1 } } }],
    ['without an object', { event_type: 'create', event_class: 'Post' }],
    ['that are a list', [1, [2]]],
    ['that are a number', 17],
    ['that are a text', 'hello'],
    ['that are null', null],
  ])('%s are passed on unchanged', async (_shape, message) => {
    const { hearing, client } = await subscribed();
    client.message(message);
    await hearing.until(() => hearing.messages.length === 1);
    expect(hearing.messages).toEqual([message]);
  });

  it('are accepted before the subscription is confirmed', async () => {
    const server = await serverOf({ answer: 'nothing' });
    const hearing = listenTo(server.url);
    const client = await nextClient(server);
    client.message('early');
    await hearing.until(() => hearing.messages.length === 1);
    expect(hearing.source.state.state).toBe('connecting');
    client.raw(JSON.stringify({ identifier: client.identifier, type: 'confirm_subscription' }));
    await hearing.untilState('subscribed');
    expect(hearing.gaps).toEqual([]);
  });

  it('of another subscription are dropped', async () => {
    const { hearing, client } = await subscribed();
    client.raw('{"identifier":"{\\"channel\\":\\"Other\\"}","message":"not ours"}');
    client.message('ours');
    await hearing.until(() => hearing.messages.length === 1);
    expect(hearing.messages).toEqual(['ours']);
  });

  it('arrive in order, all 10,000 of a burst', async () => {
    const { server, hearing, client } = await subscribed();
    const sent = Array.from({ length: 10_000 }, (_, i) => ({
      event_type: 'create',
      object: { id: i, body: 'x'.repeat(i % 300) },
    }));
    for (const message of sent) client.message(message);
    await hearing.until(() => hearing.messages.length === sent.length);
    expect(hearing.messages).toEqual(sent);
    expect(server.connections).toBe(1);
  });

  it('continue after the receiver failed on one', async () => {
    const seen: unknown[] = [];
    const { server, hearing, client } = await subscribed({
      onMessage: (message) => {
        seen.push(message);
        if (message === 'bad') throw new Error('a bug of ours');
      },
    });
    client.message('bad');
    client.message('good');
    await hearing.until(() => hearing.log.some((line) => line.level === 'error'));
    client.message('end');
    client.ping();
    await hearing.source.stop();
    await client.gone();
    expect(seen.slice(0, 2)).toEqual(['bad', 'good']);
    expect(hearing.source.unreadableFrames).toBe(0);
    expect(hearing.log.find((line) => line.level === 'error')).toMatchObject({
      text: 'A bug in Lookout: onMessage of the source metasmoke threw; the connection goes on',
      fields: { err: new Error('a bug of ours') },
    });
    expect(server.connections).toBe(1);
  });
});

it('a second confirmation changes nothing', async () => {
  const { hearing, client } = await subscribed();
  client.raw(JSON.stringify({ identifier: client.identifier, type: 'confirm_subscription' }));
  client.message('after');
  await hearing.until(() => hearing.messages.length === 1);
  expect(hearing.states.map((s) => s.state)).toEqual(['connecting', 'subscribed']);
});

describe('frames that cannot be read', () => {
  it.each([
    ['no JSON', `{"identifier":"${key.reveal()}`],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[{"type":"ping"}]'],
    ['a number', '17'],
    ['a text', '"welcome"'],
    ['no identifier', '{"message":{"event_type":"create"}}'],
    ['an identifier that is null', '{"identifier":null,"message":1}'],
    ['a confirmation of nothing', '{"type":"confirm_subscription"}'],
    ['a type that is a number', '{"type":17}'],
    ['half of a long one', quoted.repeat(100).slice(0, -1)],
  ])('are counted and do not end the connection: %s', async (_what, text) => {
    const { server, hearing, client } = await subscribed();
    client.raw(text);
    client.message('next');
    await hearing.until(() => hearing.messages.length === 1);
    expect(hearing.source.unreadableFrames).toBe(1);
    expect(hearing.source.state.state).toBe('subscribed');
    expect(server.connections).toBe(1);
  });

  it('may be binary', async () => {
    const { hearing, client } = await subscribed();
    client.binary(Buffer.from('{"type":"ping"}'));
    client.message('next');
    await hearing.until(() => hearing.messages.length === 1);
    expect(hearing.source.unreadableFrames).toBe(1);
  });

  it('may be for our subscription but without a message', async () => {
    const { hearing, client } = await subscribed();
    client.raw(JSON.stringify({ identifier: client.identifier }));
    client.message('next');
    await hearing.until(() => hearing.messages.length === 1);
    expect(hearing.source.unreadableFrames).toBe(1);
  });

  it('are reported at once, then every ten minutes in sums, each time as a gap', async () => {
    const { hearing, client } = await subscribed();
    const heardAt = hearing.clock.now();
    for (let i = 0; i < 100; i++) client.raw('{"oh');
    client.message('after');
    await hearing.until(() => hearing.messages.length === 1);
    const told = () => readable(hearing).filter((line) => line.includes('no Action Cable client can read'));
    expect(told()).toEqual([expect.stringContaining('metasmoke sent a frame that')]);
    for (let i = 0; i < 200; i++) {
      client.message(i);
      await hearing.until(() => hearing.messages.length === i + 2);
      await hearing.clock.advance(3_000);
    }
    expect(told().length).toBe(2);
    expect(told()[1]).toContain('metasmoke sent 99 frames that');
    expect(hearing.gaps).toEqual([
      { from: heardAt, reason: 'a frame could not be read' },
      { from: heardAt, reason: '99 frames could not be read' },
    ]);
    expect(hearing.source.unreadableFrames).toBe(100);
  });

  it('are not a sign of life: a server that sends nothing else is given up', async () => {
    const { hearing, client } = await subscribed();
    for (let second = 0; second < 20 && hearing.source.state.state !== 'lost'; second++) {
      client.raw('{"oh');
      await hearing.clock.advance(1_000);
    }
    expect(hearing.source.state.state).toBe('lost');
  });

  it('end the connection if they are not even UTF-8', async () => {
    const { hearing, client } = await subscribed();
    client.bytes(Buffer.from([0x81, 0x02, 0xc3, 0x28]));
    await hearing.untilState('lost');
    expect(hearing.source.state).toMatchObject({ reason: expect.stringContaining('violated the WebSocket protocol') });
  });
});

describe('a long frame', () => {
  it('over the payload limit gives a gap and a new connection', async () => {
    const { server, hearing, client } = await subscribed({ payloadLimitBytes: 1_000_000 });
    const heardAt = hearing.clock.now();
    await hearing.clock.advance(2_000);
    client.message('x'.repeat(1_000_000));
    await hearing.untilState('lost');
    const reason = 'the server sent a message of more than 1000000 bytes (source.payload_limit), which was dropped';
    expect(hearing.gaps).toEqual([{ from: heardAt, reason }]);
    await client.gone();
    await hearing.clock.advance(500);
    const next = await nextClient(server);
    await hearing.untilState('subscribed');
    next.message('x'.repeat(900_000));
    await hearing.until(() => hearing.messages.length === 1);
    expect(hearing.gaps).toEqual([
      { from: heardAt, reason },
      { from: heardAt, reason },
    ]);
  });

  it('that arrives slowly does not time out', async () => {
    const { hearing, client } = await subscribed({ payloadLimitBytes: 1_000_000 });
    const text = Buffer.from(JSON.stringify({ identifier: client.identifier, message: 'y'.repeat(200_000) }));
    const header = Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 0]);
    header.writeUInt32BE(text.length, 6);
    client.bytes(header);
    const piece = Math.ceil(text.length / 40);
    for (let at = 0; at < text.length; at += piece) {
      client.bytes(text.subarray(at, at + piece));
      await hearing.clock.advance(1_000);
    }
    await hearing.until(() => hearing.messages.length === 1);
    expect(hearing.states.map((s) => s.state)).toEqual(['connecting', 'subscribed']);
  });
});

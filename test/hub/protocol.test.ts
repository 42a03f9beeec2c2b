import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { identify } from './cable-socket.ts';
import { event, startTestHub } from './test-hub.ts';

describe('the socket', () => {
  it('welcomes, then pings every three seconds with the time in whole seconds', async () => {
    const { hub, clock } = await startTestHub();
    const socket = new WebSocket(hub.url, ['actioncable-v1-json', 'actioncable-unsupported']);
    const heard: string[] = [];
    socket.on('message', (data) => heard.push(data.toString()));
    await once(socket, 'message');
    expect(heard).toEqual(['{"type":"welcome"}']);
    expect(socket.protocol).toBe('actioncable-v1-json');

    const ping = (seconds: number) => `{"type":"ping","message":${seconds}}`;
    const first = Math.floor((clock.now() + 3_000) / 1_000);
    const next = once(socket, 'message');
    await clock.advance(3_000);
    await next;
    const nextButOne = once(socket, 'message');
    await clock.advance(3_000);
    await nextButOne;
    expect(heard.slice(1)).toEqual([ping(first), ping(first + 3)]);
  });

  it('accepts a client that offers no subprotocol, as Rails does', async () => {
    const { connect } = await startTestHub();
    const client = await connect([]);
    expect(client.socket.protocol).toBe('');
  });

  it.each([
    ['another subprotocol alone', '/cable', ['graphql-ws'], 400],
    ['another path', '/socket', ['actioncable-v1-json'], 404],
  ])('refuses %s', async (_, path, protocols, status) => {
    const { http } = await startTestHub();
    const socket = new WebSocket(`${http.replace('http', 'ws')}${path}`, protocols);
    const [error] = await once(socket, 'error');
    expect(error.message).toContain(String(status));
  });

  it('says goodbye when it stops, and leaves nothing open', async () => {
    const { hub, connect, clock, key } = await startTestHub();
    const client = await connect();
    await client.subscribe(identify(key, 'posts'));
    const closed = once(client.socket, 'close');
    await hub.stop();
    expect((await client.next()).text).toBe('{"type":"disconnect","reason":"server_restart","reconnect":true}');
    expect((await closed)[0]).toBe(1000);
    expect([hub.clients, hub.subscriptions, clock.pending]).toEqual([0, 0, 0]);
    await expect(connect()).rejects.toThrow('ECONNREFUSED');
  });
});

describe('subscribing', () => {
  it('echoes the identifier exactly as it was sent, in the answer and in every message', async () => {
    const { hub, key, connect } = await startTestHub();
    const client = await connect();
    const identifier = `{ "events" : "posts",  "key":${JSON.stringify(key).replace('k', '\\u006b')}, "channel":"ApiChannel","more":["ü\u2028"] }`;
    client.send({ command: 'subscribe', identifier });
    const confirmation = await client.next();
    expect(confirmation.json).toEqual({ identifier, type: 'confirm_subscription' });
    hub.publish(event('Post', 'create', { id: 1 }));
    expect((await client.next()).json.identifier).toBe(identifier);
  });

  it('sends the documented message, with <, > and & escaped as Rails does', async () => {
    const { hub, key, connect } = await startTestHub();
    const client = await connect();
    const identifier = identify(key, 'posts');
    await client.subscribe(identifier);
    const object = {
      id: 3_000_000_001,
      title: '<a href="x">&amp;</a>',
      tags: ['a', 'b'],
      deleted_at: null,
      is_tp: false,
    };
    hub.publish({ ...event('Post', 'create', object), more: 'is not passed on' } as never);
    const { text, json } = await client.next();
    expect(json).toEqual({ identifier, message: { event_type: 'create', event_class: 'Post', object } });
    expect(text).not.toMatch(/[<>&]/);
    expect(text).toContain('\\u003ca href=\\"x\\"\\u003e\\u0026amp;\\u003c/a\\u003e');
    expect(text.startsWith('{"identifier":')).toBe(true);
  });

  it('honours the event types: only create, both for a bare model, destroy only when named', async () => {
    const { hub, key, connect } = await startTestHub();
    const client = await connect();
    const asked = ['posts#create', 'posts', 'posts#destroy', 'feedbacks;posts#update,destroy'];
    for (const events of asked) expect(await client.subscribe(identify(key, events))).toBe('confirm_subscription');
    for (const type of ['create', 'update', 'destroy'] as const) hub.publish(event('Post', type, { id: 1 }));
    hub.publish(event('Feedback', 'create', { id: 2 }));

    const heard = new Map<string, string[]>(asked.map((events) => [events, []]));
    for (let frame = 0; frame < 7; frame++) {
      const { json } = await client.next();
      const message = json.message as { event_type: string; event_class: string };
      heard.get(JSON.parse(json.identifier!).events)!.push(`${message.event_class} ${message.event_type}`);
    }
    expect(Object.fromEntries(heard)).toEqual({
      'posts#create': ['Post create'],
      posts: ['Post create', 'Post update'],
      'posts#destroy': ['Post destroy'],
      'feedbacks;posts#update,destroy': ['Post update', 'Post destroy', 'Feedback create'],
    });
    await client.close();
    expect(client.unheard).toEqual([]);
  });

  it('delivers once if a model is named twice', async () => {
    const { hub, key, connect } = await startTestHub();
    const client = await connect();
    await client.subscribe(identify(key, 'posts;posts#create;posts#create,create'));
    hub.publish(event('Post', 'create', { id: 1 }));
    hub.publish(event('Post', 'update', { id: 1 }));
    expect((await client.next()).json.message).toMatchObject({ event_type: 'create' });
    expect((await client.next()).json.message).toMatchObject({ event_type: 'update' });
  });

  it('sends nothing after unsubscribe, and accepts a new subscribe', async () => {
    const { hub, key, connect } = await startTestHub();
    const client = await connect();
    const [posts, feedbacks] = [identify(key, 'posts'), identify(key, 'feedbacks')];
    await client.subscribe(posts);
    client.send({ command: 'unsubscribe', identifier: posts });
    await client.subscribe(feedbacks);
    hub.publish(event('Post', 'create', { id: 1 }));
    hub.publish(event('Feedback', 'create', { id: 2 }));
    expect((await client.next()).json.identifier).toBe(feedbacks);
    expect(await client.subscribe(posts)).toBe('confirm_subscription');
    expect(hub.subscriptions).toBe(2);
  });

  it('does not answer a second subscribe with the same identifier, and still delivers once', async () => {
    const { hub, key, connect } = await startTestHub();
    const client = await connect();
    const identifier = identify(key, 'posts');
    await client.subscribe(identifier);
    client.send({ command: 'subscribe', identifier });
    await client.subscribe(identify(key, 'feedbacks'));
    hub.publish(event('Post', 'create', { id: 1 }));
    hub.publish(event('Feedback', 'create', { id: 2 }));
    expect((await client.next()).json.identifier).toBe(identifier);
    expect((await client.next()).json.identifier).not.toBe(identifier);
  });

  it.each([
    ['a wrong key', (key: string) => identify(`${key}x`, 'posts'), 'key'],
    ['no key', () => '{"channel":"ApiChannel","events":"posts"}', 'key'],
    ['a key that is not a text', () => '{"channel":"ApiChannel","key":1,"events":"posts"}', 'key'],
    ['another channel', (key: string) => identify(key, 'posts', 'ChatChannel'), 'ApiChannel'],
    ['no events', (key: string) => identify(key, undefined), 'events'],
    ['empty events', (key: string) => identify(key, ' '), 'events'],
    ['events that are no text', (key: string) => identify(key, ['posts']), 'events'],
    ['a misspelt model', (key: string) => identify(key, 'post#create'), 'posts'],
    ['an unknown type', (key: string) => identify(key, 'posts#created'), 'create'],
    ['a derived type', (key: string) => identify(key, 'posts#deleted'), 'only Lookout itself derives posts#deleted'],
    [
      'a misspelt type near a derived one',
      (key: string) => identify(key, 'posts#deletd'),
      'types are create, update, destroy',
    ],
    ['a derived type among others', (key: string) => identify(key, 'feedbacks;posts#create,deleted'), 'posts#deleted'],
    ['the source, which has only derived types', (key: string) => identify(key, 'source'), 'source#lost, source#back'],
    ['an identifier that is not JSON', () => 'ApiChannel', 'identifier'],
  ])('rejects %s and logs why, without the key', async (_, identifierFor, logged) => {
    const test = await startTestHub();
    const client = await test.connect();
    const identifier = identifierFor(test.key);
    client.send({ command: 'subscribe', identifier });
    expect((await client.next()).json).toEqual({ identifier, type: 'reject_subscription' });
    const lines = test.logged.filter((line) => line.includes('rejected'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(logged);
    expect(test.logged.join('')).not.toMatch(/of> the hub|of\\u003e the hub/);
    test.hub.publish(event('Post', 'create', { id: 1 }));
    expect(await client.subscribe(identify(test.key, 'posts'))).toBe('confirm_subscription');
  });

  it('accepts each of its keys', async () => {
    const { connect } = await startTestHub();
    const client = await connect();
    expect(await client.subscribe(identify('another key', 'posts'))).toBe('confirm_subscription');
  });

  it('limits the subscriptions of one socket', async () => {
    const { hub, key, connect } = await startTestHub();
    const client = await connect();
    for (let n = 0; n < 100; n++)
      await client.subscribe(JSON.stringify({ channel: 'ApiChannel', key, events: 'posts', n }));
    expect(await client.subscribe(identify(key, 'posts'))).toBe('reject_subscription');
    expect(hub.subscriptions).toBe(100);
    await client.close();
    const other = await connect();
    await other.subscribe(identify(key, 'posts'));
    expect(hub.subscriptions).toBe(1);
  });
});

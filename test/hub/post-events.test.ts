import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { identify } from './cable-socket.ts';
import { event, startTestHub, type TestHub } from './test-hub.ts';

const post = (id: number) => event('Post', 'create', { id, title: 'a < b' });

async function send({ http, key }: TestHub, body: string | Uint8Array, init: RequestInit = {}) {
  const response = await fetch(`${http}/events`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}` },
    body: body as NonNullable<RequestInit['body']>,
    ...init,
  });
  const text = await response.text();
  return {
    status: response.status,
    json: text.startsWith('{') ? JSON.parse(text) : null,
    text,
    headers: response.headers,
  };
}

async function listen({ connect, key }: TestHub, events = 'posts;announcements') {
  const client = await connect();
  await client.subscribe(identify(key, events));
  return client;
}

describe('POST /events', () => {
  it('accepts one event, and every subscriber receives it as it was sent', async () => {
    const test = await startTestHub();
    const client = await listen(test);
    const answer = await send(test, JSON.stringify(post(7)));
    expect([answer.status, answer.json]).toEqual([200, { accepted: 1 }]);
    expect((await client.next()).json.message).toEqual(post(7));
  });

  it('accepts an object that is written over several lines', async () => {
    const test = await startTestHub();
    const client = await listen(test);
    expect((await send(test, `\r\n${JSON.stringify(post(7), null, 2)}\n`)).json).toEqual({ accepted: 1 });
    expect((await client.next()).json.message).toEqual(post(7));
  });

  it('accepts one event per line, in order, however many there are', async () => {
    const test = await startTestHub();
    const client = await listen(test);
    const events = Array.from({ length: 3_000 }, (_, id) => event('Post', 'create', { id, body: 'x'.repeat(300) }));
    const answer = await send(test, `${events.map((each) => JSON.stringify(each)).join('\r\n\n')}\n`);
    expect(answer.json).toEqual({ accepted: 3_000 });
    for (const each of events) expect((await client.next()).json.message).toEqual(each);
  });

  it('gives readers time to read while a large request is published', async () => {
    const test = await startTestHub({ unreadLimitBytes: 1024 * 1024 });
    const client = await listen(test);
    const events = Array.from({ length: 120 }, (_, id) => event('Post', 'create', { id, body: 'x'.repeat(100_000) }));
    const body = events.map((each) => JSON.stringify(each)).join('\n');
    expect((await send(test, body)).json).toEqual({ accepted: 120 });
    for (const { object } of events)
      expect((await client.next()).json.message).toMatchObject({ object: { id: object.id } });
  });

  it('takes a recorded event, which has the time at which it came', async () => {
    const test = await startTestHub();
    const { status, json } = await send(test, JSON.stringify({ at: '2026-01-02T03:04:05.678Z', ...post(1) }));
    expect({ status, json }).toEqual({ status: 200, json: { accepted: 1 } });
  });

  it('names the wrong line and its correction, and accepts no event', async () => {
    const test = await startTestHub();
    const client = await listen(test);
    const good = JSON.stringify(post(1));
    const lines = [
      good,
      '',
      '{"event_type":"creat","event_class":"Post","object":{"id":1}}',
      '{"event_type":"create","event_class":"Posts","object":{"id":1}}',
      '{"event_type":"create","event_class":"Post","object":[]}',
      '{"event_type":"create","event_class":"Post","object":{"title":"no id"}}',
      '{"event_type":"create","event_class":"Post","object":{"id":1},"on":1}',
      '{"identifier":"{}","message":{}}',
      'null',
      `[${good}]`,
      '{"event_type":',
      `{"event_type":"create","event_class":"Post","object":{"id":1,"a":${'['.repeat(5000)}${']'.repeat(5000)}}}`,
    ];
    const { status, json } = await send(test, lines.join('\n'));
    expect(status).toBe(400);
    expect(json.accepted).toBe(0);
    expect(json.problems.map((problem: { line: number }) => problem.line)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    const told = json.problems.map(({ wrong, right }: { wrong: string; right: string }) => `${wrong}: ${right}`);
    expect(told[0]).toBe('event_type is "creat": did you mean "create"? use one of create, update, destroy');
    expect(told[1]).toMatch(/^event_class is "Posts": did you mean "Post"\?/);
    expect(told[2]).toMatch(/object is a list/);
    expect(told[3]).toMatch(/object\.id is missing/);
    expect(told[4]).toMatch(/unknown key "on"/);
    expect(told[5]).toMatch(/frame.*value of "message"/);
    expect(told[6]).toMatch(/not an object/);
    expect(told[7]).toMatch(/a list.*on its own line/);
    expect(told[8]).toMatch(/JSON/);
    expect(told[9]).toMatch(/levels deep/);

    await send(test, JSON.stringify(post(99)));
    expect((await client.next()).json.message).toEqual(post(99));
  });

  it.each([
    ['nothing', '', 'the body is empty'],
    ['blank lines', '\n \n', 'the body is empty'],
    ['an object over several lines with a mistake', '{\n"event_type": "create",\n"object": }\n', 'JSON'],
    ['text that is not UTF-8', new Uint8Array([0x22, 0xff, 0x22]), 'UTF-8'],
  ])('refuses %s', async (_, body, wrong) => {
    const { status, json } = await send(await startTestHub(), body);
    expect(status).toBe(400);
    expect(json.problems).toHaveLength(1);
    expect(json.problems[0].wrong).toContain(wrong);
  });

  it('reports the first twenty problems of many', async () => {
    const { json } = await send(await startTestHub(), 'nonsense\n'.repeat(500) + JSON.stringify(post(1)));
    expect(json.problems).toHaveLength(20);
  });

  it.each([
    ['no key', {}],
    ['a wrong key', { Authorization: 'Bearer wrong' }],
    ['another scheme', { Authorization: `Basic ${btoa('x:another key')}` }],
  ])('answers 401 to %s, before it reads the body', async (_, headers) => {
    const test = await startTestHub({ payloadLimitBytes: 10 });
    const answer = await send(test, 'x'.repeat(1_000), { headers: headers as Record<string, string> });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('answers 413 to a body over the limit, with and without a declared length, and goes on', async () => {
    const test = await startTestHub({ payloadLimitBytes: 1_000 });
    // More than fits into the buffers between, so that the rest must be read before the answer is received.
    const body = JSON.stringify(event('Post', 'create', { id: 1, body: 'x'.repeat(16_000_000) }));
    expect((await send(test, body)).status).toBe(413);
    const stream = new Blob([body]).stream();
    expect((await send(test, '', { body: stream, duplex: 'half' } as RequestInit)).status).toBe(413);
    expect((await send(test, JSON.stringify(post(1)))).json).toEqual({ accepted: 1 });
  });

  it('reads a body that is too large to its end, so that the connection serves the next request', async () => {
    const { http, key } = await startTestHub({ payloadLimitBytes: 1_000 });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const status = async (body: string) => {
      const outgoing = request(`${http}/events`, {
        method: 'POST',
        agent,
        headers: { Authorization: `Bearer ${key}` },
      });
      // Written in two steps, so that no length is declared.
      outgoing.write(body.slice(0, 10));
      outgoing.end(body.slice(10));
      const [response] = await once(outgoing, 'response');
      response.resume();
      await once(response, 'end');
      return response.statusCode;
    };
    expect(await status('x'.repeat(16_000_000))).toBe(413);
    expect(await status(JSON.stringify(post(1)))).toBe(200);
    agent.destroy();
  });

  it('reads four bodies at once, and tells a fifth client to retry', async () => {
    const test = await startTestHub();
    const headers = { Authorization: `Bearer ${test.key}`, 'Content-Length': '16000000' };
    const slow = Array.from({ length: 4 }, () => {
      const body = request(`${test.http}/events`, { method: 'POST', headers });
      body.on('error', () => {});
      body.write('{');
      return body;
    });
    await vi.waitFor(async () => expect((await send(test, JSON.stringify(post(7)))).status).toBe(503));
    const refused = await send(test, JSON.stringify(post(7)));
    expect([refused.json.problems[0].right, refused.headers.get('retry-after')]).toEqual(['retry in a second', '1']);
    for (const body of slow) body.destroy();
    await vi.waitFor(async () => expect((await send(test, JSON.stringify(post(7)))).status).toBe(200));
  });

  it('survives a client that disconnects in the middle', async () => {
    const test = await startTestHub();
    const socket = connectTcp(Number(new URL(test.http).port), '127.0.0.1');
    socket.write(
      `POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${test.key}\r\nContent-Length: 1000\r\n\r\n{"ev`,
    );
    await once(socket, 'ready');
    socket.destroy();
    expect((await send(test, JSON.stringify(post(1)))).json).toEqual({ accepted: 1 });
    expect(test.logged.join('')).not.toContain('failed');
  });

  it('logs no key', async () => {
    const test = await startTestHub();
    await send(test, JSON.stringify(post(1)));
    await send(test, 'nonsense');
    expect(test.logged.join('')).not.toContain('of> the hub');
  });
});

describe('everything else over HTTP', () => {
  it('describes itself at /', async () => {
    const { http } = await startTestHub();
    const response = await fetch(http);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toMatch(/Lookout hub.*\/cable.*POST \/events/s);
  });

  it.each([
    ['GET', '/nothing', 404, null],
    ['GET', '/__proto__', 404, null],
    ['GET', '/events', 405, 'POST'],
    ['POST', '/', 405, 'GET'],
    ['GET', '/cable', 426, null],
    ['HEAD', '/', 200, null],
  ])('answers %s %s with %i', async (method, path, status, allow) => {
    const { http } = await startTestHub();
    const response = await fetch(`${http}${path}`, { method });
    await response.arrayBuffer();
    expect(response.status).toBe(status);
    expect(response.headers.get('allow')).toBe(allow);
  });

  it('ignores the offer of HTTP/2', async () => {
    const { http } = await startTestHub();
    const socket = connectTcp(Number(new URL(http).port), '127.0.0.1');
    socket.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    await once(socket, 'close');
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
  });
});

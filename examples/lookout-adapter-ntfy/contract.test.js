// @ts-check
import { once } from 'node:events';
import { createServer } from 'node:http';
import { authorKit } from 'lookout/adapter';
import { adapterContract, partsForTests, platformContract } from 'lookout/adapter-contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import define from './index.js';

/**
 * @typedef {{ readonly status: number, readonly headers?: Record<string, string> } | 'silent' | 'lost'} Answer
 */

const runner = { describe, it, beforeEach, afterEach, expect };
const ntfy = define(authorKit);
const token = 'tk_a_secret_token';

platformContract(runner, ntfy, {
  settings: `{ token: "\${NTFY_TOKEN}" }`,
  environment: { NTFY_TOKEN: token },
  mention: null,
  message: null,
});

adapterContract(runner, 'ntfy', {
  cannot: {
    edit: 'a notification cannot be changed',
    react: 'ntfy has no reactions',
    relate: 'notifications stand one below the other',
    mention: 'ntfy has no people',
    repeatByKey: 'ntfy knows no keys',
    find: 'ntfy forgets messages after some hours',
  },
  async start() {
    const server = await startServer();
    // Time-outs come at once.
    const clock = {
      ...partsForTests.clock,
      after: (/** @type {number} */ _, /** @type {() => void} */ run) => after(run),
    };
    const settings = { server: server.url, token: { reveal: () => token } };
    const adapter = await ntfy.createAdapter(settings, { ...partsForTests, clock });
    const login = await adapter.login(new AbortController().signal);
    if (login.outcome !== 'ready') throw new Error(login.reason);
    return {
      ...{ adapter, room: 'my-topic', noMessage: 'none', secret: token, said: [], limitedForMs: 3_000 },
      somebody: { kind: 'user', id: 'ann-123' },
      related: async () => [],
      reactions: async () => [],
      pinged: async () => [],
      remove: async () => {},
      shown: async () => server.shown,
      faults: {
        badRequest: () => server.next({ status: 400 }),
        unauthorized: () => server.next({ status: 401 }),
        forbidden: () => server.next({ status: 403 }),
        missing: () => server.next({ status: 404 }),
        limited: () => server.next({ status: 429, headers: { 'retry-after': '3' } }),
        limitedWithoutWait: () => server.next({ status: 429 }),
        serverError: () => server.next({ status: 503 }),
        timeout: () => server.next('silent'),
        lostAfterWriting: () => server.next('lost'),
        refused: () => server.stop(),
      },
      async stop() {
        await adapter.stop();
        await server.stop();
      },
    };
  },
});

/** @param {() => void} run */
function after(run) {
  const timer = setTimeout(run, 500);
  return () => clearTimeout(timer);
}

/** A server that publishes as ntfy does (https://docs.ntfy.sh/publish/#publish-as-json), on loopback. */
async function startServer() {
  /** @type {string[]} */
  const shown = [];
  /** @type {Answer | null} */
  let answer = null;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const refuses = request.headers.authorization !== `Bearer ${token}`;
    if (request.url === '/v1/account') return response.writeHead(refuses ? 401 : 200).end('{}');
    const now = answer;
    answer = null;
    if (now === 'silent') return;
    if (now !== null && now !== 'lost') {
      response.writeHead(now.status, now.headers);
      // It quotes the token, which must be shown nowhere.
      return response.end(JSON.stringify({ code: now.status * 100, error: `no: ${request.headers.authorization}` }));
    }
    const { topic, title, message, click } = JSON.parse(body);
    if (topic !== 'my-topic' || Buffer.byteLength(message) > 4_096) return response.writeHead(400).end('{}');
    shown.push([title, message, click].filter((part) => part !== undefined).join('\n'));
    if (now === 'lost') return response.destroy();
    return response.end(JSON.stringify({ id: `m${shown.length}`, event: 'message', topic, message }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    shown,
    next(/** @type {Answer} */ one) {
      answer = one;
    },
    async stop() {
      server.closeAllConnections();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
    },
  };
}

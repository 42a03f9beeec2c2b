import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Network } from '../../src/http/network.ts';
import { readProxies } from '../../src/http/proxies.ts';
import { createTransport, TransportError } from '../../src/http/transport.ts';
import { createMetasmokeApi } from '../../src/metasmoke/api/client.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { systemClock } from '../../src/time/clock.ts';
import { startRig as startDiscordRig, unhurried } from '../adapters/discord/rig.ts';
import { startRig as startMatrixRig } from '../adapters/matrix/rig.ts';
import { listenTo, nextClient, readable, serverOf } from '../inputs/source/hearing.ts';
import { commandTable } from '../support/command-table.ts';
import { type Behaviour, type ConnectProxy, startConnectProxy, startTlsFront } from '../support/connect-proxy.ts';
import { startMetasmokeApi } from '../support/metasmoke-api.ts';
import { until } from '../support/until.ts';
import { ownCa } from './own-ca.ts';

const password = 'pr0xy-pa55w0rd';

/** The network behind a proxy, with the CA of the servers. */
function behind(proxy: ConnectProxy, more: Readonly<Record<string, string>> = {}): Network {
  const address = `http://lookout:${password}@127.0.0.1:${proxy.port}`;
  const { proxies } = readProxies({ HTTPS_PROXY: address, HTTP_PROXY: address, ...more });
  return { proxies, secureContext: createSecureContext({ ca: ownCa.ca }), certificates: ownCa.ca };
}

/** A proxy whose every tunnel leads to a server with TLS, which `to` puts before a port. */
async function startFront(): Promise<{ readonly proxy: ConnectProxy; to(url: string): Promise<void> }> {
  let front = 0;
  const proxy = await startConnectProxy(() => ({ port: front }));
  const to = async (url: string) => {
    front = await startTlsFront(Number(new URL(url).port));
  };
  return { proxy, to };
}

describe('every connection goes through the proxy, with TLS by a CA of our own', () => {
  it('the source', async () => {
    const { proxy, to } = await startFront();
    const server = await serverOf();
    await to(server.url);
    const hearing = listenTo('wss://metasmoke.test/cable', { network: behind(proxy) });
    await nextClient(server);
    await hearing.untilState('subscribed');
    expect(proxy.asked).toEqual(['metasmoke.test:443']);
    expect(proxy.authorization).toBe(`Basic ${Buffer.from(`lookout:${password}`).toString('base64')}`);
    expect(JSON.stringify(hearing.log)).not.toContain(password);
  });

  it("metasmoke's API", async () => {
    const { proxy, to } = await startFront();
    const double = await startMetasmokeApi();
    onTestFinished(() => double.stop());
    await to(double.url);
    const key = new Secret('api-double-key', 'the test');
    const access = { api: 'https://metasmoke.test/api', key, network: behind(proxy), clock: systemClock };
    const api = createMetasmokeApi(access);
    onTestFinished(() => api.close());
    expect(await api.fieldNames(unhurried)).toMatchObject({ outcome: 'ok' });
    expect(proxy.asked).toEqual(['metasmoke.test:443']);
  });

  it('Matrix, its sync too', async () => {
    const { proxy, to } = await startFront();
    const rig = await startMatrixRig({ homeserver: 'https://matrix.test:8448', network: behind(proxy) });
    onTestFinished(() => rig.stop());
    await to(rig.homeserver.url);
    const synced = rig.homeserver.arrival(/sync$/);
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    await synced;
    expect(new Set(proxy.asked)).toEqual(new Set(['matrix.test:8448']));
    expect(rig.said.join()).not.toContain(password);
  });

  it("Discord's API and gateway", async () => {
    const { proxy, to } = await startFront();
    const rig = await startDiscordRig({
      ...{ api: 'https://discord.test/api', network: behind(proxy) },
      people: { table: commandTable() },
    });
    onTestFinished(() => rig.stop());
    await to(rig.discord.url);
    rig.discord.always(/^GET \/gateway\/bot$/, {
      status: 200,
      body: { url: 'wss://gateway.test/gateway', shards: 1, session_start_limit: { remaining: 9, reset_after: 0 } },
    });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'ready' });
    await until(() => rig.discord.gateway.identified === 1);
    expect(proxy.asked.at(0)).toBe('discord.test:443');
    expect(proxy.asked).toContain('gateway.test:443');
    expect(rig.said.join()).not.toContain(password);
  });

  it('but for the hosts in NO_PROXY, and this machine', async () => {
    const { proxy } = await startFront();
    const server = await serverOf();
    const hearing = listenTo(server.url, { network: behind(proxy) });
    await nextClient(server);
    await hearing.untilState('subscribed');
    // No such name: that it was looked for shows that the proxy was not asked.
    await expect(request('https://matrix.invalid', behind(proxy, { NO_PROXY: 'matrix.invalid' }))).rejects.toThrow(
      /ENOTFOUND|EAI_AGAIN/,
    );
    expect(proxy.asked).toEqual([]);
  });
});

function request(url: string, network: Network, signal?: AbortSignal): Promise<Response> {
  const transport = createTransport(network);
  onTestFinished(() => transport.close());
  return transport.fetch(url, { signal });
}

/** The reason why a request failed through a proxy of this behaviour; nothing was written. */
async function refusal(behaviour: Behaviour, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const proxy = await startConnectProxy(behaviour);
  const error: unknown = await request('https://matrix.test', behind(proxy, more)).then(
    () => null,
    (cause: unknown) => cause,
  );
  expect(error).toMatchObject({ name: 'AbortError', written: false });
  expect(proxy.asked.length).toBeLessThan(2);
  const { message } = error as TransportError;
  expect(message).not.toContain(password);
  return message.replaceAll(String(proxy.port), '<port>');
}

describe('a proxy that opens no tunnel is named with what will help', () => {
  it('if it refuses our password', async () => {
    expect(await refusal(() => ({ status: 407 }))).toBe(
      'the proxy 127.0.0.1:<port> refuses the user and password in HTTPS_PROXY (407)',
    );
  });

  it('if it wants one', async () => {
    const proxy = await startConnectProxy(() => ({ status: 407 }));
    const network = behind(proxy, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` });
    await expect(request('https://matrix.test', network)).rejects.toThrow(
      `the proxy 127.0.0.1:${proxy.port} wants a user and a password (407): write HTTPS_PROXY=http://<user>:<password>@127.0.0.1:${proxy.port}`,
    );
  });

  it('if it forbids the host', async () => {
    expect(await refusal(() => ({ status: 403 }))).toBe(
      'the proxy 127.0.0.1:<port> opens no connection to matrix.test:443 (403): allow that there, or add the host to NO_PROXY',
    );
  });

  it('if it hangs up, and it is not asked in a loop', async () => {
    expect(await refusal(() => null)).toBe(
      'the proxy 127.0.0.1:<port> (HTTPS_PROXY) cannot be reached: socket hang up',
    );
  });

  it('if nothing listens there', async () => {
    expect(await refusal(() => null, { HTTPS_PROXY: 'http://127.0.0.1:1' })).toBe(
      'the proxy 127.0.0.1:1 (HTTPS_PROXY) cannot be reached: nothing listens at that address (connect ECONNREFUSED 127.0.0.1:1)',
    );
  });

  it('also by the source', async () => {
    const proxy = await startConnectProxy(() => ({ status: 407 }));
    const hearing = listenTo('wss://metasmoke.test/cable', { network: behind(proxy) });
    await hearing.untilState('lost');
    expect(readable(hearing)[1]).toContain(
      `the server cannot be reached: the proxy 127.0.0.1:${proxy.port} refuses the user and password in HTTPS_PROXY (407)`,
    );
  });

  it('also by the gateway of Discord', async () => {
    const proxy = await startConnectProxy(() => ({ status: 403 }));
    const rig = await startDiscordRig({ network: behind(proxy), people: { table: commandTable() } });
    onTestFinished(() => rig.stop());
    rig.discord.always(/^GET \/gateway\/bot$/, {
      status: 200,
      body: { url: 'wss://gateway.test', shards: 1, session_start_limit: { remaining: 9, reset_after: 0 } },
    });
    await rig.adapter.login(unhurried);
    await until(() => rig.said.some((line) => line.includes('gateway closed')));
    expect(rig.said.join()).toContain(`opens no connection to gateway.test:443 (403)`);
  });
});

it('ends a request that waits for a silent proxy when the transport closes', async () => {
  const silent = createServer();
  silent.on(
    'connect',
    (_, socket) =>
      void socket
        .on('error', () => {})
        .on('end', () => socket.destroy())
        .resume(),
  );
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const arrived = new Promise((resolve) => silent.once('connect', resolve));
  const { port } = silent.address() as AddressInfo;
  const { proxies } = readProxies({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
  const transport = createTransport({ proxies, secureContext: null, certificates: null });
  const failed = transport.fetch('https://matrix.test').catch((error: unknown) => error);
  await arrived;
  transport.close();
  expect(await failed).toBeInstanceOf(TransportError);
});

describe('a certificate that is not accepted', () => {
  it('is explained', async () => {
    const { proxy, to } = await startFront();
    await to((await serverOf()).url);
    const withoutCa = { ...behind(proxy), secureContext: null };
    await expect(request('https://matrix.test', withoutCa)).rejects.toThrow(/name .* in ca_file/);
    const hearing = listenTo('wss://metasmoke.test/cable', { network: withoutCa });
    await hearing.untilState('lost');
    expect(readable(hearing)[1]).toMatch(/cannot be reached: its certificate .* name its .* in ca_file \(/);
    await expect(request('https://other.test', behind(proxy))).rejects.toThrow(
      'its certificate is for another name: is the address right?',
    );
  });
});

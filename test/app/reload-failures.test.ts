import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { configure } from './configure.ts';

const rooms = 'rooms: { hq: "matrix:!hq:a.org", ops: "matrix:!ops:a.org" }\noperators: ops\n';
const subscriptions = 'subscriptions: [{ events: posts#create, rooms: hq }]\n';
const base = `${rooms}${subscriptions}`;
const start = (more = '') => createTestApp({ config: `${base}${more}`, store: 'file', reloads: true });

/** What the operators were told of the configuration. */
const told = (app: TestApp) => app.platform.shown('!ops:a.org').filter((text) => text.includes('configuration'));
const isGood = (app: TestApp) => app.parts.lastReload.isGood;

describe('a metrics port that another program has', () => {
  let taken: Server;
  afterEach(() => taken.close());

  /** Takes a port, and returns it. */
  async function take(): Promise<number> {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    return (taken.address() as AddressInfo).port;
  }

  it('is a failure of the reload, the port before goes on, and the next reload tries it again', async () => {
    const app = await start('metrics: { port: 0 }\n');
    const url = /served at (\S+)/.exec(app.said.find((line) => line.includes('metrics are served'))!)?.[1] ?? '';
    const port = await take();
    const other = { config: `${base}metrics: { port: ${port} }\nderived: { lost_after: 3m }\n` };
    const problem = expect.stringContaining(`cannot serve metrics on port ${port}`);
    expect(await configure(app, other)).toMatchObject({ outcome: 'failed', problems: [problem] });
    expect(app.said).toContainEqual(problem);
    await app.listenUntil(() => told(app).length === 1);
    expect(told(app)).toEqual([expect.stringMatching(/Part of the changed configuration is not in effect/)]);
    const scrape = await (await fetch(url)).text();
    expect(scrape).toMatch(/^lookout_config_last_reload_success(\{.*\})? 0$/m);
    // The rest is in effect, and is not done again.
    expect(app.parts.base.config().derived.lostAfterMs).toBe(180_000);
    expect(await configure(app, {})).toMatchObject({ outcome: 'failed', changes: [expect.stringMatching(/^metrics/)] });
    await new Promise((resolve) => taken.close(resolve));
    expect(await configure(app, {})).toMatchObject({
      outcome: 'applied',
      changes: [expect.stringMatching(/^metrics/)],
    });
    expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(200);
    await expect(fetch(url)).rejects.toThrow();
    expect(await configure(app, {})).toMatchObject({ outcome: 'applied', changes: [] });
    await app.listenUntil(() => told(app).at(-1)?.includes('in effect.') === true);
  });
});

describe('a reload that fails on the way', () => {
  it('tells the operators, and the next one does the rest without a change of the file', async () => {
    const app = await start();
    const ask = vi.spyOn(app.parts.inputs.source, 'ask').mockImplementation(() => {
      throw new Error('not this time');
    });
    const other = { config: `${rooms}subscriptions: [{ events: flag_logs, rooms: hq }]\n` };
    const reloaded = await configure(app, other);
    expect(reloaded).toMatchObject({ outcome: 'failed', problems: [expect.stringContaining('not this time')] });
    await app.listenUntil(() => told(app).length === 1);
    expect(told(app)[0]).toContain('not this time');
    expect(isGood(app)).toBe(false);
    ask.mockRestore();
    expect(await configure(app, {})).toMatchObject({ outcome: 'applied' });
    await until(() => app.client.received.some((text) => text.includes('flag_logs')));
    await app.listenUntil(() => told(app).length === 2);
    expect(told(app)[1]).toContain('in order and in effect');
    expect(isGood(app)).toBe(true);
  });

  it('does not log in once more when it is tried again', async () => {
    const app = await start();
    vi.spyOn(app.parts.inputs.source, 'ask').mockImplementationOnce(() => {
      throw new Error('not this time');
    });
    const whole = (url: string) =>
      `source: { url: "${url}", key: secret-key }\nstore: sqlite:lookout.db\nchats: { matrix: { homeserver: "https://a.org", token: new-token } }\n${base}`;
    expect(await configure(app, { whole })).toMatchObject({ outcome: 'applied' });
    expect(app.said).toContainEqual(expect.stringContaining('retrying in 1 s'));
    expect(app.platform.logins).toBe(2);
  });

  it('is told without a token that stands in a wrong place', async () => {
    const app = await start();
    const whole = (url: string) =>
      `source: { url: "${url}", key: new-secret-key }\nchats: { matrix: { homeserver: "https://a.org", token: t } }\n${rooms}subscriptions: [{ events: new-secret-key, rooms: hq }]\n`;
    const reloaded = await configure(app, { whole });
    expect(reloaded).toMatchObject({ problems: expect.arrayContaining([expect.stringContaining('[secret]')]) });
    await app.listenUntil(() => told(app).length === 1);
    expect([JSON.stringify(reloaded), ...app.said, ...told(app)].join()).not.toContain('new-secret-key');
  });

  it('is told as over each time, however soon it follows', async () => {
    const app = await start();
    const wrong = { config: `${rooms}subscriptions: [{ events: post#create, rooms: hq }]\n` };
    for (let times = 1; times <= 2; times++) {
      await configure(app, wrong);
      await configure(app, { config: base });
      await app.listenUntil(() => told(app).length === times * 2);
    }
    expect(told(app).map((text) => text.includes('refused'))).toEqual([true, false, true, false]);
  });

  it('is told as over by the next start with a good file', async () => {
    const app = await start();
    await configure(app, { config: `${rooms}subscriptions: [{ events: post#create, rooms: hq }]\n` });
    await app.listenUntil(() => told(app).length === 1);
    await app.restart({ config: base });
    await app.listenUntil(() => told(app).at(-1) === 'The configuration is in order and in effect.');
  });
});

import { describe, expect, it, vi } from 'vitest';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';
import { configure } from './configure.ts';

const rooms = 'rooms: { hq: "matrix:!hq:a.org", ops: "matrix:!ops:a.org" }\noperators: ops\n';
const toHq = 'subscriptions: [{ events: posts#create, rooms: hq, template: mark }]\n';
const toBoth = 'subscriptions: [{ events: posts#create, rooms: [hq, ops], template: mark }]\n';

const start = (config = `${rooms}${toHq}`) =>
  createTestApp({ config, files: { 'my-templates/mark.hbs': 'post {{object.id}}' }, store: 'file', reloads: true });

const post = (id: number) => ({
  ...{ event_type: 'create', event_class: 'Post' },
  object: { id, title: `post ${id}`, link: `//a.stackexchange.com/a/${id}` },
});
const shown = (app: TestApp, room = 'hq') =>
  app.platform.shown(`!${room}:a.org`).filter((text) => text.startsWith('post'));

describe('a reload', () => {
  it('sends to a new room from the next event on', async () => {
    const app = await start();
    await app.hear(post(1));
    expect(await configure(app, { config: `${rooms}${toBoth}` })).toMatchObject({ outcome: 'applied' });
    await app.hear(post(2));
    await app.listenUntil(() => shown(app).length === 2 && shown(app, 'ops').length === 1);
    expect(shown(app, 'ops')).toEqual(['post 2']);
  });

  it('refuses a wrong configuration as `check` does, tells the operators, and goes on with the old one', async () => {
    const app = await start();
    const reloaded = await configure(app, { config: `${rooms}subscriptions: [{ events: post#create, rooms: hq }]\n` });
    const problem = expect.stringMatching(/config\.yaml:\d+:\d+: .*did you mean posts#create/);
    expect(reloaded).toEqual({ outcome: 'refused', problems: expect.arrayContaining([problem]) });
    expect(app.said).toContainEqual(expect.stringMatching(/^error .*did you mean posts#create/));
    expect(app.parts.lastReload.isGood).toBe(false);
    await app.hear(post(1));
    await app.listenUntil(() => shown(app).length === 1);
    await app.listenUntil(() =>
      app.platform.shown('!ops:a.org').some((text) => text.includes('did you mean posts#create')),
    );
    // A warning beside it is for the log.
    expect(app.platform.shown('!ops:a.org').join('\n')).not.toContain('store_key');
    await configure(app, { config: `${rooms}${toHq}` });
    expect(app.parts.lastReload.isGood).toBe(true);
    await app.listenUntil(() => app.platform.shown('!ops:a.org').some((text) => text.includes('in effect')));
  });

  it('parks what waits for a room that is gone, and sends it when the room comes back', async () => {
    const app = await start(`${rooms}${toBoth}`);
    app.platform.answerTo = ({ room }) =>
      room === '!ops:a.org' ? { outcome: 'notAccepted', waitMs: 5_000, scope: 'room', reason: 'slow down' } : null;
    await app.hear(post(1));
    await app.listenUntil(() => shown(app).length === 1);
    const without = 'rooms: { hq: "matrix:!hq:a.org" }\n';
    await configure(app, { config: `${without}${toHq}` });
    const parked = app.db.selectFrom('deliveries').select('reason').where('state', '=', 'waiting');
    expect(await parked.execute()).toEqual([{ reason: 'parked' }]);
    app.platform.answerTo = () => null;
    await app.listen(60_000);
    expect(shown(app, 'ops')).toEqual([]);
    await configure(app, { config: `${rooms}${toBoth}` });
    await app.listenUntil(() => shown(app, 'ops').length === 1);
  });

  it('takes over templates, also for events that were drawn before', async () => {
    const app = await start();
    await configure(app, { files: { 'my-templates/mark.hbs': 'post {{object.id}} again' } });
    await app.hear(post(1));
    await app.listenUntil(() => shown(app).length === 1);
    expect(shown(app)).toEqual(['post 1 again']);
  });

  it('makes subscriptions of commands active when their room comes', async () => {
    const app = await start(`rooms: { ops: "matrix:!ops:a.org" }\n${toHq.replace('hq', 'ops')}`);
    const address = 'matrix:!hq:a.org';
    const made = {
      id: 's',
      address,
      events: 'posts#create',
      where: null,
      template: 'mark',
      author: '@a:b',
      created_at: 1,
    };
    await app.db.insertInto('subscriptions').values(made).execute();
    await app.restart();
    expect(app.said.filter((line) => line.includes('it is inactive'))).toHaveLength(1);
    await configure(app, { config: `${rooms}${toHq.replace('hq', 'ops')}` });
    await app.hear(post(1));
    await app.listenUntil(() => shown(app).length === 1);
  });

  it('touches nothing that did not change', async () => {
    const app = await start();
    const { workers } = app.parts.delivery.outbox;
    const reloaded = await configure(app, { config: `# a remark\n${rooms}${toHq}` });
    expect(reloaded).toMatchObject({ outcome: 'applied', changes: [] });
    expect(app.parts.delivery.outbox.workers).toEqual(workers);
    expect([app.platform.logins, app.cable.connections]).toEqual([1, 1]);
    expect(app.client.received.filter((text) => text.includes('"subscribe"'))).toHaveLength(1);
  });

  it('asks for other events before it gives up the ones before', async () => {
    const app = await start();
    await configure(app, { config: `${rooms}subscriptions: [{ events: flag_logs, rooms: hq }]\n` });
    await until(() => app.client.received.some((text) => text.includes('unsubscribe')));
    expect(app.client.received.map((text) => (JSON.parse(text) as { command: string }).command)).toEqual([
      'subscribe',
      'subscribe',
      'unsubscribe',
    ]);
  });

  it('asks with another key on the same connection', async () => {
    const app = await start();
    const key = {
      whole: (url: string) =>
        `source: { url: "${url}", key: another-key }\nstore: sqlite:lookout.db\nchats: { matrix: { homeserver: "https://a.org", token: secret-token } }\n${rooms}${toHq}`,
    };
    expect(await configure(app, key)).toMatchObject({ changes: ['source.key: another one'] });
    await until(() => app.client.received.some((text) => text.includes('another-key')));
    expect(app.cable.connections).toBe(1);
  });

  it('logs in again with another token, after the sends that are under way', async () => {
    const app = await start();
    const answered = Promise.withResolvers<void>();
    app.platform.answers.push(async () => {
      await answered.promise;
      return { outcome: 'sent', platformId: '$held' };
    });
    await app.hear(post(1));
    await app.listenUntil(() => app.platform.requests.length === 1);
    const token = {
      whole: (url: string) =>
        `source: { url: "${url}", key: secret-key }\nstore: sqlite:lookout.db\nchats: { matrix: { homeserver: "https://a.org", token: new-token } }\n${rooms}${toHq}`,
    };
    const reloaded = app.configure(token);
    await app.hear(post(2));
    await app.listen(2_000);
    expect([app.platform.logins, app.platform.requests.length]).toEqual([1, 1]);
    answered.resolve();
    expect(await reloaded).toMatchObject({ changes: ['chats.matrix: another token; logging in on matrix again'] });
    await app.listenUntil(() => shown(app).length === 2);
    expect(app.platform.logins).toBe(2);
  });

  it('gives a room its other waves also if the first attempt fails', async () => {
    const app = await start();
    const [hq] = app.parts.delivery.outbox.workers;
    vi.spyOn(app.parts.inputs.source, 'ask').mockImplementationOnce(() => {
      throw new Error('not this time');
    });
    const other = rooms.replace('"matrix:!hq:a.org"', '{ to: "matrix:!hq:a.org", waves: off }');
    expect(await configure(app, { config: `${other}${toHq}` })).toMatchObject({ outcome: 'applied' });
    expect(app.said).toContainEqual(expect.stringContaining('could not be put into effect as a whole'));
    expect(app.parts.delivery.outbox.workers).not.toContain(hq);
  });

  it('is one for several requests while another one runs', async () => {
    const app = await start();
    const { reloader } = app.parts;
    const first = reloader?.reload('SIGHUP');
    await first;
    const said = app.said.length;
    const more = Promise.all([1, 2, 3, 4].map(() => reloader?.reload('SIGHUP')));
    await app.listen(100);
    await more;
    expect(app.said.slice(said)).toEqual(['info configuration reloaded (SIGHUP): nothing changed']);
  });

  it('says that another store needs a restart, and stays with the present one', async () => {
    const app = await start();
    const other = {
      whole: (url: string) =>
        `source: { url: "${url}", key: secret-key }\nstore: sqlite:other.db\nchats: { matrix: { homeserver: "https://a.org", token: secret-token } }\n${rooms}${toHq}`,
    };
    const { changes } = (await configure(app, other)) as { changes: readonly string[] };
    expect(changes).toEqual([
      expect.stringMatching(
        /^store\.url: now sqlite:.*other\.db, .*; this needs a restart, until then the old one is used$/,
      ),
    ]);
    await app.hear(post(1));
    await app.listenUntil(() => shown(app).length === 1);
  });
});

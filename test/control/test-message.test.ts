import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { consolePlatform } from '../../src/adapters/console/platform.ts';
import { matrix } from '../../src/adapters/matrix/platform.ts';
import { safeguards } from '../../src/app/safeguards.ts';
import { testAlone, testPartsOf } from '../../src/app/test-alone.ts';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { askRunning } from '../../src/control/ask-running.ts';
import { type TestAnswer, type TestRequest, testRoom } from '../../src/control/test-message.ts';
import { silentLevel, silentLog } from '../../src/log.ts';
import { listDeadLetters } from '../../src/outbox/rows/dead-letters.ts';
import { systemClock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';
import { createScriptedAdapter } from '../support/scripted-adapter.ts';
import { createTestApp, type TestApp } from '../support/test-app.ts';

const config = `rooms: { hq: "matrix:!hq:a.org", smoke: "matrix:!smoke:a.org" }
subscriptions:
  - { events: posts#create, rooms: [hq, smoke] }
`;
const request: TestRequest = { room: 'hq', by: 'ada', waitMs: 5_000, anyway: false };

describe('a test message, while Lookout runs,', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await createTestApp({ config });
  });
  const shown = () => app.platform.shown('!hq:a.org');

  async function test(more: Partial<TestRequest> = {}): Promise<TestAnswer> {
    const { clock, parts } = app;
    const { platforms } = extensions;
    let answer: TestAnswer | null = null;
    const testing = testRoom(testPartsOf({ platforms, clock, log: silentLog }, parts), { ...request, ...more });
    void testing.then((given) => {
      answer = given;
    });
    await app.listenUntil(() => answer !== null);
    return testing;
  }

  it('is labelled, and its answer leads to it', async () => {
    const tested = await test();
    expect(tested).toMatchObject({ outcome: 'accepted', room: 'hq', address: 'matrix:!hq:a.org' });
    expect(tested).toHaveProperty('link', expect.stringMatching(/^https:\/\/matrix\.to\/#\/!hq%3Aa\.org\//));
    expect(shown()).toEqual([expect.stringMatching(/Test: ada asked Lookout in a shell at .* stands for no event\./)]);
  });

  it('that the chat rejects is told with the reason, and leaves no dead letter', async () => {
    app.platform.answers.push({ outcome: 'rejected', reason: 'HTTP 400 too odd' });
    expect(await test()).toMatchObject({ outcome: 'rejected', reason: 'HTTP 400 too odd' });
    expect(await listDeadLetters(app.db)).toEqual([]);
    expect(await test()).toMatchObject({ outcome: 'accepted' });
    expect(shown()).toHaveLength(1);
  });

  it('that the room refuses waits, and goes out once after the room is mended', async () => {
    app.platform.answers.push({ outcome: 'roomBroken', reason: 'HTTP 403 no permission' });
    expect(await test()).toMatchObject({ outcome: 'refused', reason: 'HTTP 403 no permission' });
    app.platform.resolves.push({ outcome: 'roomBroken', reason: 'HTTP 403 still none' });
    expect(await test()).toMatchObject({ outcome: 'refused', reason: 'HTTP 403 still none' });
    expect(await test()).toMatchObject({ outcome: 'accepted' });
    expect(shown()).toHaveLength(1);
  });

  it('says for what it waits when the time is over', async () => {
    app.platform.answers.push({ outcome: 'notAccepted', waitMs: 60_000, scope: 'room', reason: 'HTTP 429' });
    const tested = await test();
    expect(tested).toMatchObject({ outcome: 'waits', tookMs: 5_000 });
    expect(tested).toHaveProperty('reason', expect.stringMatching(/^matrix lets the room send again in 5\d s$/));
    expect(await test()).toHaveProperty('reason', expect.stringMatching(/; the test before this one still waits$/));
    await app.listenUntil(() => shown().length > 0, 5_000);
    expect(shown()).toHaveLength(1);
  });

  it('says that it may be there if the chat gives no clear answer', async () => {
    app.platform.answerTo = () => ({ outcome: 'unknown', waitMs: 60_000, reason: 'HTTP 502' });
    expect(await test()).toHaveProperty(
      'reason',
      expect.stringMatching(/no clear answer yet \(1 attempt\); it may be/),
    );
  });

  it('says that the account is refused', async () => {
    app.platform.loginResults.push({ outcome: 'accountBroken', reason: 'HTTP 401' });
    app.platform.answers.push({ outcome: 'accountBroken', reason: 'HTTP 401' });
    const reason = 'matrix accepts nothing from this account: HTTP 401';
    expect(await test()).toMatchObject({ outcome: 'refused', reason });
  });

  it('respects a mute of the whole room, unless it is to be sent anyway', async () => {
    const { id } = app.parts.delivery.outbox.workers[0]!.gate.room;
    const { mutes } = app.parts.delivery;
    const mute = { roomId: id, events: null, where: null, except: null, author: '@a:a.org', reason: 'a wave' };
    const until = app.clock.now() + 60_000;
    await app.db.transaction().execute((trx) => mutes.add(trx, { ...mute, until, now: app.clock.now() }));
    await mutes.changed(id);
    expect(await test()).toMatchObject({ outcome: 'muted', mute: 'm1', reason: expect.stringContaining('(a wave)') });
    expect(shown()).toEqual([]);
    expect(await test({ anyway: true })).toMatchObject({ outcome: 'accepted' });
  });

  it('for a room that is not there is refused with the names of those that are', async () => {
    app = await createTestApp({ config, store: 'file' });
    const named = { file: 'config.yaml', store: { kind: 'sqlite', file: app.file, keepMs: 1 } as const };
    expect(await askRunning(named, { method: 'POST', path: '/test', body: { ...request, room: 'hk' } })).toEqual({
      outcome: 'refused',
      error: 'there is no room "hk": did you mean hq? The rooms are hq, smoke',
    });
  });
});

describe('a test message, while no Lookout runs,', () => {
  const whole = (store: string) => `source: { url: demo }
store: ${store}
chats: { matrix: { homeserver: "https://a.org", token: "t" } }
${config.replace('smoke: "matrix:!smoke:a.org"', 'smoke: "console:smoke"')}`;

  function alone(store = 'sqlite:lookout.db') {
    const platform = createScriptedAdapter();
    const written: string[] = [];
    const folder = folderWith({ 'config.yaml': whole(store) });
    const { config: loaded } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
    const test = (room: string) =>
      testAlone(
        {
          ...{ config: loaded!, platforms: [{ ...matrix, createAdapter: async () => platform }, consolePlatform] },
          ...{ inputs: extensions.inputs, clock: systemClock, log: silentLog, logLevel: silentLevel, safeguards },
          ...{ readConfig: null, version: 'test', color: false, columns: 80, input: null },
          write: async (text) => void written.push(text),
        },
        { ...request, room },
      );
    return { platform, written, test };
  }

  it('logs in on the chat of the room alone, and reads no commands', async () => {
    const { platform, written, test } = alone();
    expect(await test('hq')).toMatchObject({ outcome: 'accepted', room: 'hq' });
    expect([platform.logins, platform.listener, platform.shown('!hq:a.org').length]).toEqual([1, null, 1]);
    expect(await test('smoke')).toMatchObject({ outcome: 'accepted', room: 'smoke' });
    expect([platform.logins, written.join('').includes('Test: ada')]).toEqual([1, true]);
  });

  it('is not sent while another process has the store', async () => {
    const app = await createTestApp({ config, store: 'file' });
    await expect(alone(`sqlite:${app.file}`).test('hq')).rejects.toThrow(/is running|in use|runs/);
  });
});

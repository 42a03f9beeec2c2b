import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { message, type Rig, startRig, unhurried } from './rig.ts';

const sending = /^PUT \/rooms\/.*\/send\//;
const asksEncryption = /^GET .*m\.room\.encryption/;
const html = '<html><body>nginx</body></html>';
const key = 'k'.repeat(22);

describe('sending to Matrix', () => {
  let rig: Rig;
  let room: string;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    room = rig.homeserver.rooms.create({ members: { [rig.homeserver.user]: 'join' } });
  });

  afterEach(() => rig.stop());

  const send = (signal = unhurried, payload = rig.adapter.format(message('hello'), key, room)) =>
    rig.adapter.send({ room, key, payload }, signal);
  const puts = () => rig.homeserver.seen.filter(({ method }) => method === 'PUT');
  const synced = async () => {
    await rig.homeserver.arrival(/^GET \/sync/);
    await until(() => rig.position !== null);
  };

  it('sends the stored bytes under the key as transaction id', async () => {
    const payload = '{"msgtype":"m.notice",  "body":"as stored: ä € 😀"}';
    await send(unhurried, payload);
    expect(puts()).toMatchObject([
      { body: payload, path: expect.stringMatching(new RegExp(`/send/m.room.message/${key}$`)) },
    ]);
  });

  it('never sends plain text to an encrypted room, though a homeserver would take it', async () => {
    room = rig.homeserver.rooms.create({ members: { [rig.homeserver.user]: 'join' }, encrypted: true });
    expect(await send()).toMatchObject({ outcome: 'notAccepted' });
    expect(puts()).toEqual([]);
  });

  it('sends nothing plain when encryption is switched on while it runs, told by the sync', async () => {
    expect(await send()).toMatchObject({ outcome: 'sent' });
    await until(() => rig.homeserver.seen.some(({ query }) => query.get('timeout') === '30000'));
    rig.homeserver.rooms.setState(room, 'm.room.encryption', { algorithm: 'm.megolm.v1.aes-sha2' });
    await until(() => rig.changed.includes(room));
    // Nothing but the sync can know it now.
    rig.homeserver.always(asksEncryption, { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'no' } });
    const before = puts().length;
    expect(await send()).toMatchObject({ outcome: 'notAccepted' });
    expect(puts()).toHaveLength(before);
    expect(rig.said.join()).toContain('encryption was switched on');
  });

  it('asks whether a room is encrypted once while the sync watches, and every time while it does not', async () => {
    const asked = () => rig.homeserver.seen.filter(({ path }) => path.includes('m.room.encryption')).length;
    await until(() => rig.homeserver.seen.some(({ query }) => query.get('timeout') === '30000'));
    await send();
    await send();
    expect(asked()).toBe(1);
    // Our own account may switch it on elsewhere, which the sync does not tell us.
    await rig.clock.advance(60_000);
    await send();
    expect(asked()).toBe(2);
    rig.homeserver.next(/^GET \/sync/, { status: 502, body: html });
    await rig.clock.advance(30_000);
    await until(() => rig.said.some((line) => line.includes('the sync with the homeserver failed')));
    await send();
    await send();
    expect(asked()).toBe(4);
  });

  it.each([
    ['a failing homeserver', { status: 502, body: html }, 'notAccepted'],
    ['a proxy that knows no such page', { status: 404, body: html }, 'notAccepted'],
    ['a lost connection', { lost: 'before' }, 'notAccepted'],
    ['a limit', { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED' } }, 'notAccepted'],
    ['a broken account', { status: 401, body: { errcode: 'M_UNKNOWN_TOKEN' } }, 'accountBroken'],
  ] as const)(
    'sends nothing where %s keeps it from knowing whether the room is encrypted',
    async (_, answer, outcome) => {
      rig.homeserver.next(asksEncryption, answer);
      expect(await send()).toMatchObject({ outcome });
      expect(puts()).toEqual([]);
    },
  );

  it('holds the account back where the URL is not that of a homeserver', async () => {
    rig.homeserver.next(sending, { status: 404, body: html });
    expect(await send()).toMatchObject({
      outcome: 'notAccepted',
      scope: 'account',
      waitMs: 60_000,
      reason: `404 (is ${rig.homeserver.url} the URL of the homeserver itself?)`,
    });
    rig.homeserver.next(sending, { status: 405, body: { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' } });
    expect(await send()).toMatchObject({ outcome: 'notAccepted', scope: 'account' });
    rig.homeserver.next(sending, { status: 301, headers: { location: 'https://example.org/' }, body: html });
    expect(await send()).toMatchObject({ outcome: 'notAccepted', scope: 'account' });
  });

  it('holds one message back that a proxy dislikes', async () => {
    rig.homeserver.next(sending, { status: 403, body: html });
    expect(await send()).toMatchObject({ outcome: 'notAccepted', scope: 'message' });
  });

  it('reads the wait from the body where there is no header', async () => {
    rig.homeserver.next(sending, { status: 429, body: { errcode: 'M_LIMIT_EXCEEDED', retry_after_ms: 2123 } });
    expect(await send()).toMatchObject({ outcome: 'notAccepted', scope: 'account', waitMs: 2_123 });
  });

  it('stands a homeserver’s limit over all rooms of the account', async () => {
    rig.homeserver.limit = { burst: 2, perSecond: 0.2 };
    const outcomes = [];
    for (let n = 0; n < 3; n++) {
      const sent = await rig.adapter.send({ room, key: `${key}${n}`, payload: '{"body":"x"}' }, unhurried);
      outcomes.push(sent);
    }
    expect(outcomes).toMatchObject([
      { outcome: 'sent' },
      { outcome: 'sent' },
      { outcome: 'notAccepted', waitMs: 5_000 },
    ]);
  });

  it.each([
    ['no event_id', {}],
    ['something that is no JSON', html],
    ['a list', '[1]'],
    ['nothing', ''],
  ])('does not believe a 200 with %s', async (_, body) => {
    rig.homeserver.next(sending, { status: 200, body });
    expect(await send()).toMatchObject({ outcome: 'unknown' });
  });

  it('does not know what came of half an answer', async () => {
    rig.homeserver.next(sending, { half: true });
    expect(await send()).toMatchObject({ outcome: 'unknown' });
  });

  it('does not know what came of a send that is given up', async () => {
    rig.homeserver.next(sending, { hangs: true });
    const giveUp = new AbortController();
    const result = send(giveUp.signal);
    await rig.homeserver.arrival(sending);
    giveUp.abort();
    expect(await result).toMatchObject({ outcome: 'unknown' });
  });

  it('says so too of a send that is given up before it began', async () => {
    expect(await send(AbortSignal.abort())).toMatchObject({ outcome: 'unknown' });
    expect(puts()).toEqual([]);
  });

  it('answers within the time-out also where headers came and the body does not', async () => {
    rig.homeserver.next(sending, { stalls: true });
    const result = send();
    await rig.homeserver.arrival(sending);
    await rig.clock.advance(30_000);
    expect(await result).toMatchObject({ outcome: 'unknown', reason: 'no answer within 29 s' });
  });

  it('says what to do in a room that it is not in', async () => {
    room = rig.homeserver.rooms.create();
    rig.homeserver.next(asksEncryption, { status: 404, body: { errcode: 'M_NOT_FOUND', error: 'no' } });
    expect(await send()).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringMatching(/^@bot:fake\.test is not in the room: invite it \(403 M_FORBIDDEN/),
    });
  });

  it('says which power it lacks', async () => {
    rig.homeserver.rooms.setState(room, 'm.room.power_levels', { events_default: 50 });
    expect(await send()).toMatchObject({
      outcome: 'roomBroken',
      reason: expect.stringMatching(
        /^@bot:fake\.test lacks the power to send m\.room\.message \(needs 50, has 0\): raise it .*\(403 M_FORBIDDEN/,
      ),
    });
  });

  it('lets no lone surrogate through, also from a payload that it did not make', async () => {
    await send(unhurried, '{"msgtype":"m.notice","body":"a\\ud800b \\uDFFF","deep":[{"x":"\\ud83d"}],"pair":"😀"}');
    await send(unhurried, '{"msgtype":"m.notice","body":"raw \ud800"}');
    expect(puts().map(({ body }) => JSON.parse(body))).toEqual([
      { msgtype: 'm.notice', body: 'a\ufffdb \ufffd', deep: [{ x: '\ufffd' }], pair: '😀' },
      { msgtype: 'm.notice', body: 'raw \ufffd' },
    ]);
  });

  it('uses a connection again', async () => {
    await rig.stop();
    rig = await startRig({ people: null });
    room = rig.homeserver.rooms.create({ members: { [rig.homeserver.user]: 'join' } });
    await rig.adapter.login(unhurried);
    await synced();
    const before = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    for (let n = 0; n < 5; n++) await rig.adapter.send({ room, key: `${key}${n}`, payload: '{}' }, unhurried);
    const after = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    expect(after - before).toBeLessThanOrEqual(2);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { body, posting, type Rig, reading, startRig, unhurried } from './rig.ts';

const key = 'k'.repeat(22);

describe('a connection to Discord', () => {
  let rig: Rig;
  let room: string;

  beforeEach(async () => {
    rig = await startRig();
    await rig.adapter.login(unhurried);
    room = rig.discord.createChannel();
  });

  afterEach(() => rig.stop());

  const send = (to = room, signal = unhurried) => rig.adapter.send({ room: to, key, payload: body('hello') }, signal);
  const to = (channel: string) => new RegExp(`^POST /channels/${channel}/`);

  it('that is refused is one over which nothing was sent', async () => {
    await rig.discord.stopListening();
    // Until our side has noticed too; a send over a connection that is about to close would not be refused but lost.
    await until(() => !process.getActiveResourcesInfo().includes('TCPSocketWrap'));
    expect(await send()).toMatchObject({ outcome: 'notAccepted', scope: 'account' });
  });

  it.each<[string, Parameters<Rig['discord']['next']>[1]]>([
    ['that is lost', { lost: 'before' }],
    ['that is lost after all was done', { lost: 'done' }],
    ['that ends in the middle of the answer', { half: true }],
  ])('%s may have carried the message, which is not sent again here', async (_, answer) => {
    rig.discord.next(posting, answer);
    expect(await send()).toMatchObject({ outcome: 'unknown' });
    expect(rig.asked(posting)).toHaveLength(1);
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it.each<[string, Parameters<Rig['discord']['next']>[1]]>([
    ['silent', { hangs: true }],
    ['silent after the headers', { stalls: true }],
  ])('that is %s ends with the time-out', async (_, answer) => {
    rig.discord.next(posting, answer);
    const result = send();
    await rig.discord.arrival(posting);
    await rig.clock.advance(28_999);
    await rig.clock.advance(1);
    expect(await result).toMatchObject({ outcome: 'unknown', reason: 'no answer within 29 s' });
    expect(rig.clock.pending).toBe(0);
  });

  it('does not tell what came of a send that is given up', async () => {
    rig.discord.next(posting, { hangs: true });
    const giveUp = new AbortController();
    const result = send(room, giveUp.signal);
    await rig.discord.arrival(posting);
    giveUp.abort();
    expect(await result).toMatchObject({ outcome: 'unknown' });
  });

  it('is not opened for a send that was given up before it began', async () => {
    expect(await send(room, AbortSignal.abort())).toMatchObject({ outcome: 'unknown' });
    expect(rig.asked(posting)).toEqual([]);
  });

  it('that is stuck holds up no other channel', async () => {
    const other = rig.discord.createChannel();
    rig.discord.next(to(room), { hangs: true });
    const stuck = send();
    await rig.discord.arrival(to(room));
    for (let n = 0; n < 3; n++) expect(await send(other)).toMatchObject({ outcome: 'sent' });
    expect(await rig.adapter.resolve(room, unhurried)).toMatchObject({ outcome: 'resolved' });
    expect(
      await rig.adapter.find({ room, key, payload: body('x', key), since: rig.clock.now() }, unhurried),
    ).toMatchObject({
      outcome: 'absent',
    });
    await rig.clock.advance(29_000);
    expect(await stuck).toMatchObject({ outcome: 'unknown' });
  });

  it('that is stuck lets the next send of its channel go once its time is over', async () => {
    rig.discord.next(to(room), { hangs: true });
    const stuck = send();
    await rig.discord.arrival(to(room));
    await rig.clock.advance(10_000);
    const next = send();
    await rig.clock.advance(19_000);
    expect(await stuck).toMatchObject({ outcome: 'unknown' });
    expect(await next).toMatchObject({ outcome: 'sent' });
  });

  it('was not even tried for a send whose time ran out behind another', async () => {
    const first = new AbortController();
    rig.discord.always(to(room), { hangs: true });
    const stuck = send(room, first.signal);
    await rig.discord.arrival(to(room));
    const patient = new AbortController();
    const waiting = send(room, patient.signal);
    await rig.clock.advance(0);
    patient.abort();
    expect(await waiting).toMatchObject({ outcome: 'unknown', reason: 'given up before the answer came' });
    expect(rig.asked(posting)).toHaveLength(1);
    first.abort();
    await stuck;
  });

  it('is used again', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    await send();
    const before = sockets();
    for (let n = 0; n < 20; n++) await send();
    expect(sockets()).toBe(before);
  });
});

describe('stopping', () => {
  it('ends what is under way, and what waits behind it, and leaves nothing open', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const rig = await startRig();
    await rig.adapter.login(unhurried);
    const room = rig.discord.createChannel();
    rig.discord.always(posting, { hangs: true });
    rig.discord.always(reading, { stalls: true });
    const arrived = [rig.discord.arrival(posting), rig.discord.arrival(reading)];
    const send = () => rig.adapter.send({ room, key, payload: body('hello') }, unhurried);
    const results = [send(), send(), rig.adapter.find({ room, key, payload: body('x', key), since: 0 }, unhurried)];
    await Promise.all(arrived);
    await rig.adapter.stop();
    expect(await Promise.all(results)).toMatchObject([
      { outcome: 'unknown' },
      { outcome: 'notAccepted' },
      { outcome: 'later' },
    ]);
    expect(rig.clock.pending).toBe(0);
    expect(timers()).toBeLessThanOrEqual(before);
    expect(await send()).toMatchObject({ outcome: 'notAccepted' });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'later' });
    await rig.discord.stop();
  });

  it('may come before anything began, and twice', async () => {
    const rig = await startRig();
    await rig.adapter.stop();
    await rig.stop();
    expect(rig.discord.seen).toEqual([]);
  });
});

import { afterEach, describe, expect, it } from 'vitest';
import { fakeDiscordToken } from '../../support/discord/double.ts';
import { body, posting, type Rig, startRig, unhurried } from './rig.ts';

const key = 'k'.repeat(22);
let rig: Rig;
let room: string;

async function start(options: Parameters<typeof startRig>[0] = {}): Promise<void> {
  rig = await startRig(options);
  await rig.adapter.login(unhurried);
  room = rig.discord.createChannel();
}

const send = (to = room) => rig.adapter.send({ room: to, key, payload: body('hello') }, unhurried);
const outcomes = (results: readonly { outcome: string }[]) => results.map(({ outcome }) => outcome);
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

afterEach(() => rig.stop());

describe('under Discord’s real limits', () => {
  it('a send beyond them comes back at once with its wait, is not made, and leaves no timer', async () => {
    await start();
    rig.discord.limits = 'real';
    const before = timers();
    const results = [];
    for (let n = 0; n < 7; n++) results.push(await send());
    expect(outcomes(results)).toEqual([...Array(5).fill('sent'), 'notAccepted', 'notAccepted']);
    expect(results[6]).toMatchObject({ scope: 'room', waitMs: 5_050 });
    expect(rig.asked(posting).map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(timers()).toBeLessThanOrEqual(before);
    expect(rig.clock.pending).toBe(0);
    await rig.clock.advance(5_050);
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it('sends all at once to one room are refused but for those that may go; none sleeps', async () => {
    await start();
    rig.discord.limits = 'real';
    const before = timers();
    const results = await Promise.all(Array.from({ length: 12 }, () => send()));
    expect(outcomes(results).toSorted()).toEqual([...Array(7).fill('notAccepted'), ...Array(5).fill('sent')]);
    expect(rig.asked(posting)).toHaveLength(5);
    expect(timers()).toBeLessThanOrEqual(before);
    expect(rig.clock.pending).toBe(0);
  });

  it('another room goes on', async () => {
    await start();
    rig.discord.limits = 'real';
    const other = rig.discord.createChannel();
    for (let n = 0; n < 6; n++) await send();
    expect(await send()).toMatchObject({ outcome: 'notAccepted' });
    expect(await send(other)).toMatchObject({ outcome: 'sent' });
  });

  it('a 429 that could not be foreseen comes back at once too, and the next send with it', async () => {
    await start();
    rig.discord.limits = 'real';
    const before = timers();
    // Somebody else uses the same token.
    for (let n = 0; n < 5; n++) {
      const response = await fetch(`${rig.discord.url}/v10/channels/${room}/messages`, {
        method: 'POST',
        headers: {
          authorization: `Bot ${fakeDiscordToken}`,
          'content-type': 'application/json',
          'user-agent': 'DiscordBot (https://example.org, 1.0)',
          connection: 'close',
        },
        body: body('theirs'),
      });
      await response.arrayBuffer();
      expect(response.status).toBe(200);
    }
    for (const result of await Promise.all([send(), send(), send()]))
      expect(result).toMatchObject({ outcome: 'notAccepted', scope: 'room', waitMs: 5_000 });
    expect(rig.clock.pending).toBe(0);
    expect(timers()).toBeLessThanOrEqual(before);
    await rig.clock.advance(5_000);
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it('no more than so many requests a second are made over all rooms', async () => {
    await start({ requestsPerSecond: 5 });
    rig.discord.limits = { perChannel: 100, perMs: 1_000, globalPerSecond: 5 };
    const rooms = Array.from({ length: 6 }, () => rig.discord.createChannel());
    await rig.clock.advance(1_000);
    const results = [];
    for (const each of rooms) results.push(await send(each));
    expect(outcomes(results)).toEqual([...Array(5).fill('sent'), 'notAccepted']);
    expect(results[5]).toMatchObject({ scope: 'account', waitMs: 1_000 });
    expect(rig.discord.seen.some(({ status }) => status === 429)).toBe(false);
    await rig.clock.advance(1_000);
    expect(await send(rooms[5])).toMatchObject({ outcome: 'sent' });
  });

  it('the double would have said the same', async () => {
    await start();
    rig.discord.limits = { perChannel: 100, perMs: 1_000, globalPerSecond: 2 };
    await rig.clock.advance(1_000);
    const results = [await send(), await send(), await send(rig.discord.createChannel())];
    expect(results[2]).toMatchObject({ outcome: 'notAccepted', scope: 'account', waitMs: 1_000 });
    expect(rig.clock.pending).toBe(0);
  });
});

describe('the budget of invalid requests', () => {
  const refuse = (status: number, headers = {}) =>
    rig.discord.next(posting, { status, headers, body: { code: status === 403 ? 50013 : 0, message: 'no' } });

  it('stops everything well before Discord would ban the address, says so once, and goes on when there is room', async () => {
    await start({ invalidRequestLimit: 6 });
    for (let n = 0; n < 3; n++) {
      refuse(403);
      await send();
      refuse(429, { 'x-ratelimit-scope': 'user', 'retry-after': '1' });
      await send();
    }
    const before = rig.discord.seen.length;
    const held = await send();
    expect(held).toMatchObject({ outcome: 'notAccepted', scope: 'account', reason: expect.stringContaining('ban') });
    expect((held as { waitMs: number }).waitMs).toBeGreaterThan(9 * 60_000);
    expect(await send(rig.discord.createChannel())).toMatchObject({ outcome: 'notAccepted', scope: 'account' });
    expect(await rig.adapter.resolve(room, unhurried)).toMatchObject({ outcome: 'later' });
    expect(await rig.adapter.login(unhurried)).toMatchObject({ outcome: 'later' });
    expect(rig.discord.seen.length).toBe(before);
    expect(rig.said).toEqual([expect.stringMatching(/^error Discord refused 6 requests within 10 min .* would ban/)]);
    await rig.clock.advance((held as { waitMs: number }).waitMs);
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it('does not count what others are to blame for, nor answers that harm nobody', async () => {
    await start({ invalidRequestLimit: 2 });
    for (let n = 0; n < 5; n++) {
      refuse(429, { 'x-ratelimit-scope': 'shared', 'retry-after': '1' });
      await send();
      refuse(400);
      await send();
      refuse(502);
      await send();
    }
    expect(await send()).toMatchObject({ outcome: 'sent' });
  });

  it('counts the 429s of Cloudflare’s pages', async () => {
    await start({ invalidRequestLimit: 2 });
    for (let n = 0; n < 2; n++) {
      rig.discord.next(posting, { status: 429, body: 'error code: 1015' });
      await send();
    }
    expect(await send()).toMatchObject({ outcome: 'notAccepted', reason: expect.stringContaining('ban this address') });
  });
});

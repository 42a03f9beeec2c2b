import { afterEach, describe, expect, it } from 'vitest';
import { shardOf } from '../../../src/adapters/discord/shard-of.ts';
import { messageOf, paragraph } from '../../../src/render/say.ts';
import { commandTable } from '../../support/command-table.ts';
import { until } from '../../support/until.ts';
import { type Rig, startRig, unhurried } from './rig.ts';

const asking = /^GET \/gateway\/bot$/;

describe('the shards of a bot', () => {
  let rig: Rig;

  afterEach(() => rig.stop());

  const said = (part: string) => rig.said.filter((line) => line.includes(part)).length;
  const down = () => rig.adapter.connections().flatMap(({ name, isUp }) => (isUp ? [] : [name]));

  async function start(shards: number, concurrency = 1, before: () => Promise<void> = async () => {}): Promise<void> {
    const greet = async () => messageOf([paragraph('Hello')]);
    rig = await startRig({ shownToAll: true, people: { table: commandTable(), greet } });
    Object.assign(rig.discord.gateway, { shards, concurrency });
    await before();
    await rig.adapter.login(unhurried);
  }
  /** Lets time pass until something is true that sockets decide. */
  async function later(stepMs: number, condition: () => boolean): Promise<void> {
    for (let step = 0; step < 600 && !condition(); step++) {
      await rig.clock.advance(stepMs);
      await new Promise((resolve) => setImmediate(resolve));
      if (step % 20 === 19) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await until(condition);
  }
  async function allReady(count: number): Promise<void> {
    await later(100, () => rig.discord.gateway.present.length === count && down().length === 0);
    await until(() => rig.discord.commands().length > 0);
  }
  /** Creates a channel of a server whose events come on a shard. */
  async function channelOn(shard: number, count: number, isSystem = false): Promise<string> {
    for (;;) {
      const channel = rig.discord.createChannel({ isSystem });
      if (shardOf(rig.discord.guildOf(channel), count) === shard) return channel;
      rig.discord.deleteChannel(channel);
      await rig.clock.advance(1);
    }
  }

  it('are as many as the gateway asks for, one identify in five seconds', async () => {
    await start(3);
    await allReady(3);
    const { identifies, hurried, connections } = rig.discord.gateway;
    expect(identifies.map(({ shard, count }) => [shard, count])).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
    ]);
    expect([hurried, connections, rig.asked(asking).length]).toEqual([0, 3, 1]);
    expect(said('commands are heard on shard 2 of 3 (new session)')).toBe(1);
  });

  it('identify at a time as many as the gateway takes', async () => {
    await start(5, 2);
    await allReady(5);
    const { identifies, hurried } = rig.discord.gateway;
    const at = identifies.toSorted((a, b) => a.shard - b.shard).map((one) => one.at - (identifies[0]?.at ?? 0));
    expect(hurried).toBe(0);
    // Two at a time: the number of intervals that each had to wait.
    expect(at.map((ms) => Math.floor(ms / 5_000))).toEqual([0, 0, 1, 1, 2]);
  });

  it('hear each event once, also direct messages, and answer', async () => {
    await start(2);
    await allReady(2);
    for (const channel of [await channelOn(0, 2), await channelOn(1, 2)]) {
      const seeing = rig.discord.act(channel, { id: '42' }, { slash: 'status' });
      expect((await seeing.answer).content).toContain('Too many commands');
    }
    expect(rig.asked(/^POST \/interactions\//).length).toBe(2);
  });

  it('go on while one of them is cut, which resumes its session', async () => {
    await start(3);
    await allReady(3);
    const { gateway } = rig.discord;
    const [here, there] = [await channelOn(2, 3), await channelOn(1, 3)];
    gateway.drop(undefined, 1);
    await until(() => said('gateway closed shard 1 of 3') === 1);
    expect(down()).toEqual(['shard 1']);
    const missed = rig.discord.act(there, { id: '42' }, { slash: 'status' });
    const seeing = rig.discord.act(here, { id: '42' }, { slash: 'status' });
    expect((await seeing.answer).content).toContain('Too many commands');
    await later(100, () => gateway.resumed === 1);
    expect((await missed.answer).content).toContain('Too many commands');
    await until(() => down().length === 0);
    expect([gateway.identified, gateway.connections]).toEqual([3, 3]);
  });

  it('begin sessions one after the other when all were lost', async () => {
    await start(3);
    await allReady(3);
    rig.discord.gateway.forget();
    rig.discord.gateway.drop();
    await until(() => down().length === 3);
    await later(100, () => rig.discord.gateway.identified === 6);
    expect(rig.discord.gateway.hurried).toBe(0);
  });

  it('become more when the gateway refuses their number, and not before', async () => {
    await start(1);
    await until(() => rig.discord.commands().length > 0);
    const { gateway } = rig.discord;
    expect(rig.adapter.connections()).toEqual([]);
    gateway.shards = 2;
    await rig.clock.advance(3_600_000);
    expect([gateway.connections, rig.asked(asking).length]).toEqual([1, 1]);
    gateway.forget();
    gateway.drop();
    await later(100, () => gateway.present.length === 2);
    expect(said('too many servers for its number of shards (4011)')).toBe(1);
    expect(gateway.identifies.map(({ shard, count }) => [shard, count])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect([gateway.hurried, gateway.connections]).toEqual([0, 2]);
  });

  it('are closed and opened anew when one of several is refused', async () => {
    await start(2);
    await allReady(2);
    const { gateway } = rig.discord;
    gateway.shards = 3;
    gateway.drop(4010, 1);
    await later(100, () => gateway.present.join() === '0,1,2');
    expect(gateway.identifies.map(({ count }) => count)).toEqual([2, 2, 3, 3, 3]);
    expect([gateway.hurried, gateway.connections, said('it refused the shard (4010)')]).toEqual([0, 3, 1]);
  });

  it('are asked for less and less often while the gateway refuses the number that Discord gives', async () => {
    await start(1);
    await until(() => rig.discord.commands().length > 0);
    const { gateway } = rig.discord;
    const told = { url: `${rig.discord.url.replace('http', 'ws').replace('/api', '')}/gateway`, shards: 1 };
    const stop = rig.discord.always(asking, { status: 200, body: told });
    gateway.shards = 2;
    gateway.forget();
    gateway.drop();
    await later(500, () => rig.asked(asking).length >= 8);
    const { length } = rig.asked(asking);
    await rig.clock.advance(20_000);
    expect([rig.asked(asking).length, gateway.identified]).toEqual([length, 1]);
    stop();
    await later(1_000, () => gateway.present.length === 2);
  });

  it('are opened as far as the sessions of the day last', async () => {
    await start(4, 4, async () => {
      rig.discord.gateway.remaining = 6;
    });
    await later(100, () => said('allows 4 more sessions') === 1);
    const { gateway } = rig.discord;
    await rig.clock.advance(3_600_000);
    expect([gateway.identified, gateway.remaining, down().length]).toEqual([2, 4, 2]);
    gateway.remaining = 1_000;
    await later(600_000, () => gateway.present.length === 4);
    expect([gateway.hurried, said('allows 4 more sessions')]).toEqual([0, 1]);
  });

  it('each know the servers that were there before, and greet those that are new', async () => {
    let old: readonly string[] = [];
    await start(2, 1, async () => {
      old = [await channelOn(0, 2, true), await channelOn(1, 2, true)];
    });
    await allReady(2);
    const added = [await channelOn(0, 2, true), await channelOn(1, 2, true)];
    const greeted = (channels: readonly string[]) => channels.map((channel) => rig.discord.messages(channel).length);
    await later(5_000, () => greeted(added).join() === '1,1');
    await later(5_000, () => rig.asked(/^GET \/users\/@me\/guilds$/).length >= 3);
    expect([greeted(old), greeted(added)]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('go on with their sessions in the next process, but for the first, which begins anew', async () => {
    await start(3);
    await allReady(3);
    const { gateway } = rig.discord;
    const [old, added] = [await channelOn(1, 3, true), await channelOn(1, 3)];
    await rig.adapter.stop();
    await until(() => gateway.connections === 0);
    const missed = rig.discord.act(added, { id: '42' }, { slash: 'status' });
    await rig.restart();
    await rig.adapter.login(unhurried);
    await later(100, () => gateway.resumed === 2 && gateway.identified === 4);
    expect(gateway.identifies.at(-1)).toMatchObject({ shard: 0, count: 3 });
    expect((await missed.answer).content).toContain('Too many commands');
    await allReady(3);
    const recent = await channelOn(2, 3, true);
    await later(5_000, () => rig.asked(/^GET \/users\/@me\/guilds$/).length >= 2);
    // Their servers are first known by the list that is read in the next process.
    expect([old, recent].map((channel) => rig.discord.messages(channel).length)).toEqual([0, 0]);
    const new2 = await channelOn(2, 3, true);
    await later(5_000, () => rig.discord.messages(new2).length === 1);
  });

  it('do not identify too soon after those of the process before', async () => {
    await start(2);
    await allReady(2);
    const { gateway } = rig.discord;
    gateway.forget();
    await rig.restart();
    await rig.adapter.login(unhurried);
    await later(100, () => gateway.identified === 4);
    expect([gateway.hurried, gateway.present]).toEqual([0, [0, 1]]);
  });

  it('begin new sessions in the next process if Discord wants another number of them', async () => {
    await start(2);
    await allReady(2);
    const { gateway } = rig.discord;
    gateway.shards = 3;
    await rig.restart();
    await rig.adapter.login(unhurried);
    await later(100, () => gateway.identified === 5);
    expect([gateway.hurried, gateway.resumed]).toEqual([0, 0]);
  });

  it('leave no socket and no timer behind while some wait for their turn', async () => {
    await start(4);
    await until(() => rig.discord.gateway.present.length === 1);
    await rig.adapter.stop();
    await until(() => rig.discord.gateway.connections === 0);
    expect(rig.clock.pending).toBe(0);
  });
});

describe('the shard of a server', () => {
  it.each([
    ['197038439483310086', 1, 0],
    // 197038439483310086 >> 22 is 46977624770.
    ['197038439483310086', 16, 2],
    ['197038439483310086', 7, 46_977_624_770 % 7],
  ])('%s among %i is %i', (guild, count, shard) => expect(shardOf(guild, count)).toBe(shard));
});

import { afterEach, describe, expect, it } from 'vitest';
import { openDiscordShard } from '../../../src/adapters/discord/open-discord-shard.ts';
import { shardOf } from '../../../src/adapters/discord/shard-of.ts';
import type { OpenShard, OtherShards } from '../../../src/adapters/shards.ts';
import { directNetwork } from '../../../src/http/network.ts';
import { silentLog } from '../../../src/log.ts';
import { messageOf, paragraph } from '../../../src/render/say.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import type { Json } from '../../../src/words.ts';
import { commandTable } from '../../support/command-table.ts';
import { fakeDiscordToken } from '../../support/discord/double.ts';
import { until } from '../../support/until.ts';
import { keptPosition, keptTurns, type Rig, startRig, unhurried } from './rig.ts';

/** The shards of other units, opened by hand. */
class ByHand implements OtherShards {
  readonly wanted: number[] = [];
  /** Number of calls of `want` that fail. */
  failures = 0;
  readonly open = new Map<number, OpenShard>();
  readonly turns: ReturnType<typeof keptTurns>;
  readonly position = keptPosition();
  /** Age of all that is passed on, ms. */
  ageMs = 0;
  /** True while nothing can be passed on. */
  isFull = false;
  #hint: Json = null;
  #listener: ((heard: Json, ageMs: number) => void) | null = null;

  constructor(turns: ReturnType<typeof keptTurns>) {
    this.turns = turns;
  }

  want(count: number, hint: Json): void {
    if (this.failures > 0) {
      this.failures--;
      throw new Error('a fault of ours');
    }
    this.wanted.push(count);
    this.#hint = hint;
  }

  connections() {
    return [...this.open].map(([id, { isUp }]) => ({ name: `shard ${id}`, isUp }));
  }

  listen(listener: ((heard: Json, ageMs: number) => void) | null): void {
    this.#listener = listener;
  }

  begin({ discord, clock }: Rig, id: number, count: number): void {
    const token = new Secret(fakeDiscordToken, 'the test');
    const settings = {
      api: discord.url,
      token,
      guilds: [],
      form: 'top',
      forum: { title: '{title}', tags: [] },
    } as const;
    const parts = {
      clock,
      log: silentLog,
      network: directNetwork,
      position: this.position,
      turns: this.turns,
      hint: this.#hint,
      count() {},
    };
    const shard = openDiscordShard(settings, {
      ...{ ...parts, user: discord.bot.id, shard: { id, count }, onInvalidRequest() {} },
      pass: async (heard) => this.tell(JSON.parse(JSON.stringify(heard)) as Json),
    });
    this.open.set(id, shard);
  }

  tell(heard: Json): void {
    if (this.isFull) throw new Error('the disk is full');
    this.#listener?.(heard, this.ageMs);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.open.values()].map((shard) => shard.stop()));
  }
}

describe('the shards of a bot in units of their own', () => {
  let rig: Rig;
  let others: ByHand;
  /** The turns that were asked for. */
  const taken: string[] = [];

  afterEach(async () => {
    await others.stop();
    await rig.stop();
  });

  async function start(shards: number, concurrency = 1, failures = 0): Promise<void> {
    // The clock of the rig is made with it.
    const turns: ByHand['turns'] = {
      take(account, everyMs) {
        taken.push(String(account.device));
        return kept().take(account, everyMs);
      },
    };
    let made: ByHand['turns'] | null = null;
    const kept = () => (made ??= keptTurns(rig.clock));
    others = new ByHand(turns);
    const people = { table: commandTable(), greet: async () => messageOf([paragraph('Hello')]) };
    others.failures = failures;
    rig = await startRig({ shownToAll: true, people, otherShards: others, turns });
    Object.assign(rig.discord.gateway, { shards, concurrency });
    await rig.adapter.login(unhurried);
  }
  async function later(condition: () => boolean, stepMs = 100): Promise<void> {
    for (let step = 0; step < 400 && !condition(); step++) {
      await rig.clock.advance(stepMs);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await until(condition);
  }
  const present = () => rig.discord.gateway.present.join();
  async function act(shard: number, count: number) {
    for (;;) {
      const channel = rig.discord.createChannel();
      if (shardOf(rig.discord.guildOf(channel), count) === shard)
        return rig.discord.act(channel, { id: '42' }, { slash: 'status' });
      await rig.clock.advance(1);
    }
  }

  it('are opened also after a fault of our own', async () => {
    await start(2, 1, 2);
    await later(() => present() === '0');
    expect(others.wanted).toEqual([2]);
    expect(rig.said.filter((line) => line.includes('failed on our side; it is opened again')).length).toBe(2);
  });

  it('are wanted by the account, which opens the first, and answers what all of them hear', async () => {
    await start(3);
    await later(() => present() === '0');
    expect(others.wanted).toEqual([3]);
    for (const id of [1, 2]) others.begin(rig, id, 3);
    await later(() => present() === '0,1,2');
    expect(rig.discord.gateway.hurried).toBe(0);
    await until(() => rig.adapter.connections().every(({ isUp }) => isUp));
    expect(rig.adapter.connections().map(({ name }) => name)).toEqual(['shard 0', 'shard 1', 'shard 2']);
    for (const shard of [0, 1, 2])
      expect((await (await act(shard, 3)).answer).content, `shard ${shard}`).toContain('Too many commands');
  });

  it('begin none of the last sessions, and go on with what they had', async () => {
    await start(2);
    await later(() => present() === '0');
    others.begin(rig, 1, 2);
    await later(() => present() === '0,1');
    await others.stop();
    rig.discord.gateway.remaining = 0;
    others.begin(rig, 1, 2);
    await later(() => present() === '0,1');
    expect(rig.discord.gateway.resumed).toBe(1);
    rig.discord.gateway.drop(4007, 1);
    await later(() => !others.connections().some(({ isUp }) => isUp));
    for (let step = 0; step < 100; step++) await rig.clock.advance(1_000);
    expect(rig.discord.gateway.identifies.map(({ shard }) => shard)).toEqual([0, 1]);
  }, 60_000);

  it('are all opened anew if Discord refuses the number of one', async () => {
    await start(2);
    await later(() => present() === '0');
    others.begin(rig, 1, 2);
    await later(() => present() === '0,1');
    rig.discord.gateway.shards = 3;
    rig.discord.gateway.drop(4011, 1);
    await later(() => others.wanted.length === 2 && present() === '0');
    expect(others.wanted).toEqual([2, 3]);
    expect(rig.discord.gateway.identifies.at(-1)).toMatchObject({ shard: 0, count: 3 });
  });

  it('pass on later, or in the next process, what could not be stored', async () => {
    await start(2);
    await later(() => present() === '0');
    others.begin(rig, 1, 2);
    await later(() => present() === '0,1');
    others.isFull = true;
    const kept = await act(1, 2);
    for (let step = 0; step < 20; step++) await rig.clock.advance(100);
    others.isFull = false;
    await later(() => rig.asked(/^POST \/interactions\//).length === 1);
    expect((await kept.answer).content).toContain('Too many commands');
    others.isFull = true;
    const missed = await act(1, 2);
    for (let step = 0; step < 20; step++) await rig.clock.advance(100);
    await others.stop();
    others.isFull = false;
    others.begin(rig, 1, 2);
    await later(() => rig.asked(/^POST \/interactions\//).length === 2);
    expect((await missed.answer).content).toContain('Too many commands');
    expect(rig.discord.gateway.resumed).toBe(1);
  });

  it('ask Discord only in a turn of theirs, and keep it while the question has to wait', async () => {
    await start(2);
    await later(() => present() === '0');
    const asked = /^GET \/gateway\/bot$/;
    const before = rig.asked(asked).length;
    rig.discord.next(asked, { status: 429, body: { message: 'slow down', retry_after: 2, global: false } });
    others.begin(rig, 1, 2);
    await later(() => present() === '0,1');
    expect(rig.asked(asked)).toHaveLength(before + 2);
    expect(rig.discord.gateway.hurried).toBe(0);
  });

  it('do not identify again with a number that was refused, unless Discord still names it', async () => {
    await start(2);
    await later(() => present() === '0');
    others.begin(rig, 1, 2);
    await later(() => present() === '0,1');
    const ofOther = () => rig.discord.gateway.identifies.filter(({ shard }) => shard === 1).length;
    rig.discord.gateway.shards = 3;
    rig.discord.gateway.drop(4011, 1);
    await later(() => others.wanted.length === 2);
    for (let step = 0; step < 60; step++) await rig.clock.advance(60_000);
    expect(ofOther()).toBe(1);
    rig.discord.gateway.shards = 2;
    await later(() => ofOther() === 2, 60_000);
  });

  it('take the turn of their own group also after a session that was kept', async () => {
    await start(4, 4);
    await later(() => present() === '0');
    others.begin(rig, 3, 4);
    await later(() => present() === '0,3');
    await others.stop();
    taken.length = 0;
    others.begin(rig, 3, 4);
    await later(() => rig.discord.gateway.resumed === 1);
    rig.discord.gateway.drop(4007, 3);
    await later(() => rig.discord.gateway.identifies.filter(({ shard }) => shard === 3).length === 2);
    expect(new Set(taken.filter((device) => device !== 'identify 0'))).toEqual(new Set(['identify 3']));
  });

  it('have no say about servers if they are of another number', async () => {
    await start(2);
    await later(() => present() === '0');
    others.begin(rig, 1, 2);
    await later(() => present() === '0,1');
    const lists = () => rig.asked(/^GET \/users\/@me\/guilds$/).length;
    await later(() => lists() === 1, 5_000);
    others.tell({ kind: 'ready', shard: { id: 1, count: 3 }, guilds: [] });
    const added = rig.discord.createChannel({ isSystem: true });
    await later(() => lists() === 2, 5_000);
    await until(() => rig.discord.messages(added).length === 1);
  });

  it('are not answered for what is too old for an answer', async () => {
    await start(2);
    await later(() => present() === '0');
    others.begin(rig, 1, 2);
    await later(() => present() === '0,1');
    others.ageMs = 15 * 60_000;
    await act(1, 2);
    await until(() => rig.said.some((line) => line.includes('came too late to be answered')));
    expect(rig.asked(/^POST \/interactions\//)).toEqual([]);
  });
});

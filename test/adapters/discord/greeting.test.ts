import { afterEach, describe, expect, it } from 'vitest';
import { messageOf, paragraph, typed } from '../../../src/render/say.ts';
import { until } from '../../support/until.ts';
import { posting, type Rig, startRig, unhurried } from './rig.ts';

const listing = /^GET \/users\/@me\/guilds$/;

describe('a server that adds the bot', () => {
  let rig: Rig;
  let asked: string[];

  afterEach(() => rig.stop());

  async function start(before: () => void = () => {}): Promise<void> {
    asked = [];
    rig = await startRig({
      people: {
        async greet(room) {
          asked.push(room);
          return messageOf([paragraph('Hello, try ', typed('help'))]);
        },
      },
    });
    before();
    await rig.adapter.login(unhurried);
    await until(() => rig.said.some((line) => line.includes('commands are heard')));
  }
  const looks = async (times: number) => {
    for (let step = 0; rig.asked(listing).length < times && step < 200; step++) await rig.clock.advance(5_000);
    await until(() => rig.asked(listing)[times - 1]?.status === 200);
  };

  it('is greeted where it says who came', async () => {
    await start();
    const channel = rig.discord.createChannel({ isSystem: true });
    await looks(1);
    await until(() => rig.discord.messages(channel).length === 1);
    expect(asked).toEqual([channel]);
    expect(rig.discord.messages(channel)[0]?.content).toBe('Hello, try `/help`');
    await looks(2);
    expect(asked).toHaveLength(1);
  });

  it('is not greeted if it was there before the start, or has no channel for that', async () => {
    let old = '';
    await start(() => {
      old = rig.discord.createChannel({ isSystem: true });
    });
    rig.discord.createChannel();
    await looks(2);
    expect([asked, rig.discord.messages(old), rig.asked(posting)]).toEqual([[], [], []]);
  });

  it('is greeted after a connection that was lost meanwhile', async () => {
    await start();
    const channel = rig.discord.createChannel({ isSystem: true });
    rig.discord.gateway.forget();
    rig.discord.gateway.drop();
    for (let step = 0; rig.discord.gateway.identified < 2 && step < 2_000; step++) await rig.clock.advance(100);
    await until(() => rig.discord.messages(channel).length === 1);
  });
});

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../support/patience.ts';
import { createEventGenerator } from './support/events.ts';
import { privateText } from './support/hostile.ts';
import { looksWrong, shownInOneLine, textOf } from './support/looks.ts';
import { createRandom, seedForThisRun } from './support/random.ts';
import { roomFaults } from './support/room-faults.ts';
import { models } from './support/rows.ts';
import { type Stage, startStage } from './support/stage.ts';
import { waitUntil } from './support/wait-until.ts';

/** The source sends three and a half times this number of frames; some are sent twice, so that more than 500 events are left. */
const framesAtOnce = 220;

describe('the main job: a real Rails → Lookout → a real homeserver and a server that behaves as Discord does', () => {
  let stage: Stage;

  beforeAll(async () => {
    const both = { limits: 'off', rooms: ['marks', 'looks'] } as const;
    stage = await startStage({ matrix: both, discord: both });
    const events = createEventGenerator(createRandom(seedForThisRun()), Math.floor(Date.now() / 1000) - 86_400);

    const started = Date.now();
    const lap = (what: string) => console.log(`${((Date.now() - started) / 1000).toFixed(1)} s: ${what}`);
    await stage.untilSubscribed();
    // Nothing else waits now, so only the wait for the post keeps these in order.
    for (let post = 0; post < 5; post++) {
      const { before, create } = events.latePost();
      await stage.emit(before);
      await stage.emit([create]);
      await stage.untilSettled(30_000);
    }
    lap('posts that came after what is about them');
    const taken = answerLostOnDiscord('done');
    await stage.emit(events.take(framesAtOnce));
    await taken;
    lap('the first third is received');
    await killLookoutInTheMiddle('after');
    // Little may be left of the first third.
    await stage.emit(events.take(framesAtOnce / 2));
    await killLookoutInTheMiddle('before');
    lap('Lookout was killed twice');

    await stage.emit(events.take(framesAtOnce));
    await stage.rails.kill();
    await stage.rails.restart();
    await stage.untilSubscribed();
    lap('Rails was killed');

    const notTaken = answerLostOnDiscord('before');
    await stage.emit(events.take(framesAtOnce));
    await notTaken;
    await killLookoutInTheMiddle('after');
    lap('Lookout was killed again');
    await stage.untilSettled(120_000);
    lap('all is settled');
  }, 180_000);

  afterAll(() => stage?.stop());

  /**
   * Lets some messages through, kills Lookout while one is on its way, and starts it again. `after`: the homeserver has
   * accepted the message and Lookout does not know; `before`: neither.
   */
  async function killLookoutInTheMiddle(when: 'before' | 'after'): Promise<void> {
    const { matrix } = stage;
    const before = (await matrix.shown()).length;
    await waitUntil(
      'more messages in the room',
      async () => ((await matrix.shown()).length >= before + 10 ? true : undefined),
      {
        timeoutMs: PATIENCE_MS,
        everyMs: 250,
        describe: () => stage.lookout.said.slice(-10),
      },
    );
    await matrix.proxy.holdNextMessage(when);
    await stage.lookout.kill();
    expect(stage.outbox.unsettled(), 'deliveries that were still to be sent').toBeGreaterThan(10);
    matrix.proxy.letGo();
    stage.lookout.start();
    await stage.untilSubscribed();
  }

  /**
   * Closes the connection of the next message to Discord without an answer, after or before it was accepted, and
   * resolves when that has happened. Lookout repeats such a send only after some seconds, so it is killed in between.
   */
  async function answerLostOnDiscord(lost: 'done' | 'before'): Promise<void> {
    const sending = /^POST .*\/messages$/;
    const { double } = stage.discord;
    double.next(sending, { lost });
    await double.arrival(sending);
  }

  it('has shown at least 500 events of every model, over a source that sent some twice', () => {
    const expected = stage.expected();
    expect(expected.length).toBeGreaterThanOrEqual(500);
    expect(expected.length).toBeLessThan(stage.recorder.recorded.length);
    expect(new Set(expected.map(({ event }) => event.event_class)).size).toBe(models.length);
    expect(stage.recorder.strange).toEqual([]);
  });

  it('lets a second account read each event that an undisturbed subscriber received: complete, in order, none twice', async () => {
    expect(
      roomFaults(stage.outbox, { platform: 'matrix', name: 'marks' }, stage.expected(), await stage.matrix.shown()),
    ).toEqual([]);
  });

  it('shows on Discord each event that an undisturbed subscriber received: complete, in order, none twice', () => {
    expect(
      roomFaults(stage.outbox, { platform: 'discord', name: 'marks' }, stage.expected(), stage.discord.shown()),
    ).toEqual([]);
  });

  it('pings no one on Discord, unfurls nothing, and keeps to the rules of its API', () => {
    const { double, ids } = stage.discord;
    expect(double.messages(ids.looks).length).toBeGreaterThan(100);
    expect(double.pings).toEqual([]);
    expect(double.previews).toEqual([]);
    expect(double.misfits).toEqual([]);
  });

  it('shows each new row once in a second room, where hostile text stays text', async () => {
    const messages = await stage.matrix.reader.messages(stage.matrix.rooms.looks);
    expect(messages.flatMap((message) => looksWrong(message, stage.secrets))).toEqual([]);
    const isNew = (type: string, name: string) => type === 'create' || name === 'Ref';
    const expected = stage.expected().filter(({ event }) => isNew(event.event_type, event.event_class));
    expect(messages).toHaveLength(expected.length);
    const texts = messages.map((message) => textOf(String(message.content.formatted_body)));
    const titles = expected
      .filter(({ event }) => event.event_class === 'Post')
      .map(({ event }) => shownInOneLine(String(event.object.title).trim()).slice(0, 60));
    expect(titles.filter((title) => !texts.some((text) => text.includes(title)))).toEqual([]);
  });

  it('stops when it is asked to, and has neither revealed a secret nor stored private fields', async () => {
    expect(await stage.lookout.stop()).toEqual({ code: 0, signal: null });
    const said = stage.lookout.said.join('\n');
    const stored = await readFile(stage.store, 'latin1');
    for (const secret of [...stage.secrets, privateText]) {
      expect(said.includes(secret), `${secret} in the log`).toBe(false);
      expect(stored.includes(secret), `${secret} in the store`).toBe(false);
    }
  });
});

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventGenerator } from './support/events.ts';
import { privateText } from './support/hostile.ts';
import { looksWrong, shownInOneLine, textOf } from './support/looks.ts';
import { complaints } from './support/oracle.ts';
import { createRandom, seedForThisRun } from './support/random.ts';
import { models } from './support/rows.ts';
import { type Stage, startStage } from './support/stage.ts';
import { waitUntil } from './support/wait-until.ts';

/** Three times so many frames come from the source; some come twice, so that more than 500 events are left. */
const framesAtOnce = 220;

describe('the main job: a real Rails → Lookout → a real homeserver', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await startStage('off', ['marks', 'looks']);
    const events = createEventGenerator(createRandom(seedForThisRun()), Math.floor(Date.now() / 1000) - 86_400);

    await stage.untilSubscribed();
    await stage.emit(events.take(framesAtOnce));
    await killLookoutInTheMiddle(20);
    await killLookoutInTheMiddle(20);

    await stage.emit(events.take(framesAtOnce));
    await stage.rails.kill();
    await stage.rails.restart();
    await stage.untilSubscribed();

    await stage.emit(events.take(framesAtOnce));
    await killLookoutInTheMiddle(10);
    await stage.untilSettled(120_000);
  });

  afterAll(() => stage?.stop());

  /** Waits until the room shows `more` new messages, pulls the plug while sends are in flight, and starts it again. */
  async function killLookoutInTheMiddle(more: number): Promise<void> {
    const before = (await stage.shown()).length;
    const enough = async () => ((await stage.shown()).length >= before + more ? true : undefined);
    await waitUntil(`${more} more messages in the room`, enough, {
      timeoutMs: 30_000,
      describe: () => stage.lookout.said.slice(-10),
    });
    await stage.lookout.kill();
    expect(stage.outbox.unsettled(), 'deliveries that were still to be sent').toBeGreaterThan(0);
    stage.lookout.start();
    await stage.untilSubscribed();
  }

  it('was shown at least 500 events of every model, over a source that sent some twice', () => {
    const expected = stage.expected();
    expect(expected.length).toBeGreaterThanOrEqual(500);
    expect(expected.length).toBeLessThan(stage.recorder.recorded.length);
    expect(new Set(expected.map(({ event }) => event.event_class)).size).toBe(models.length);
    expect(stage.recorder.strange).toEqual([]);
  });

  it('lets a second account read each event that an undisturbed subscriber received: complete, in order, none twice', async () => {
    expect(complaints(stage.expected(), await stage.shown())).toEqual([]);
  });

  it('shows each event once in a second room too, where hostile text stays text', async () => {
    const messages = await stage.reader.messages(stage.rooms.looks);
    expect(messages.flatMap((message) => looksWrong(message, stage.secrets))).toEqual([]);
    expect(messages).toHaveLength(stage.expected().length);
    const texts = messages.map((message) => textOf(String(message.content.formatted_body)));
    const titles = stage
      .expected()
      .filter(({ event }) => event.event_class === 'Post' && event.event_type === 'create')
      .map(({ event }) => shownInOneLine(String(event.object.title).trim()).slice(0, 60));
    expect(titles.filter((title) => !texts.some((text) => text.includes(title)))).toEqual([]);
  });

  it('ends when it is asked to, having told nobody a secret or written down what is private', async () => {
    expect(await stage.lookout.stop()).toEqual({ code: 0, signal: null });
    const said = stage.lookout.said.join('\n');
    const stored = await readFile(stage.store, 'latin1');
    for (const secret of [...stage.secrets, privateText]) {
      expect(said.includes(secret), `${secret} in the log`).toBe(false);
      expect(stored.includes(secret), `${secret} in the store`).toBe(false);
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tenLives } from '../support/ten-lives.ts';
import {
  type EncryptedRoom,
  type EncryptedStage,
  idsOf,
  type KillPoint,
  startEncryptedStage,
} from './support/encrypted-stage.ts';
import { createEventGenerator } from './support/events.ts';
import { marksIn } from './support/matrix-side.ts';
import { createRandom, seedForThisRun } from './support/random.ts';
import { roomFaults } from './support/room-faults.ts';
import { encryptionFaults, lastContents, type ReadEvent } from './support/room-reading.ts';
import type { StrictReader } from './support/strict-reader.ts';
import { waitUntil } from './support/wait-until.ts';

/** Number of frames that come together: with each kill, and at last. Some come twice, and 500 events have to be left. */
const atOnce = 30;
const atLast = 150;
/** Number of kills at each point around a message. */
const rounds = 2;
/** Number of events of the lives that come together. */
const groupSize = 8;
/** Number of posts that come at once, for a digest. */
const waveOf = 60;

/** Points in the life of each message, over and over. */
const roundOfMessages: readonly KillPoint[] = [
  'encrypted',
  'stored',
  { request: 'PUT /send', when: 'before' },
  { request: 'PUT /send', when: 'after' },
];
/** Points on the way of a key to a new device, in this order. */
const wayOfAKey: readonly KillPoint[] = [
  { request: 'POST /keys/query', when: 'before' },
  { request: 'POST /keys/query', when: 'after' },
  { request: 'POST /keys/claim', when: 'before' },
  { request: 'POST /keys/claim', when: 'after' },
  { request: 'PUT /sendToDevice', when: 'before' },
  { request: 'PUT /sendToDevice', when: 'after' },
];

const post = (id: number, title = `Post ${id}`) =>
  ({
    event_type: 'create',
    event_class: 'Post',
    object: {
      id,
      title,
      user_reputation: 1,
      updated_at: new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString(),
    },
  }) as const;

describe('encrypted rooms, as a strict second client reads them', () => {
  let stage: EncryptedStage;
  let second: StrictReader;
  let readings: Record<EncryptedRoom, readonly ReadEvent[]>;
  let identity: string | null;

  beforeAll(async () => {
    stage = await startEncryptedStage();
    const random = createRandom(seedForThisRun());
    const events = createEventGenerator(random, Math.floor(Date.now() / 1_000) - 86_400);
    const started = Date.now();
    const lap = (what: string) => console.log(`${((Date.now() - started) / 1_000).toFixed(1)} s: ${what}`);

    const some = () => stage.emit(events.take(atOnce));
    await some();
    await stage.untilQuiet(120_000);
    identity = await stage.reader.identityOf(stage.bot);
    lap('the first messages are sent');
    for (let round = 0; round < rounds; round++) for (const point of roundOfMessages) await stage.killAt(point, some);
    lap('killed around messages');
    const newDevice = async () => {
      second = await stage.startSecondReader('SECOND');
    };
    for (const [index, point] of wayOfAKey.entries()) await stage.killAt(point, index === 0 ? newDevice : some);
    lap('killed on the way of a key');
    for (let times = 0; times < 3; times++) await stage.killAt({ afterMs: random.integer(1_500) }, some);
    await stage.emit(events.take(atLast));
    await stage.untilQuiet(120_000);
    lap('killed at random, and all is sent');

    await live();
    lap('cards are drawn');
    const wave = Array.from({ length: waveOf }, (_, index) => post(idsOf.waves[0] + index));
    await stage.killAt('stored', () => stage.emit(wave));
    await stage.untilQuiet(120_000);
    lap('a wave is over');
    await talk();
    lap('commands are answered');
    const { marks, singles, cards, waves, talk: talked } = stage.rooms;
    readings = {
      marks: await stage.reader.read(marks),
      singles: await stage.reader.read(singles),
      cards: await stage.reader.read(cards),
      waves: await stage.reader.read(waves),
      talk: await stage.reader.read(talked),
    };
    lap('all is read');
  }, 400_000);

  afterAll(() => stage?.stop());

  /** Ten posts live, and Lookout is killed while their cards change. */
  async function live(): Promise<void> {
    const lives = tenLives(Math.floor(Date.now() / 1_000) - 600);
    const points = new Map<number, KillPoint>([
      [3, 'stored'],
      [6, { request: 'PUT /send', when: 'after' }],
      [9, 'encrypted'],
    ]);
    for (let group = 0; group * groupSize < lives.length; group++) {
      const emit = () => stage.emit(lives.slice(group * groupSize, (group + 1) * groupSize));
      const point = points.get(group);
      await (point === undefined ? emit() : stage.killAt(point, emit));
    }
    await stage.untilQuiet(120_000);
  }

  const answers = async () =>
    (await stage.reader.read(stage.rooms.talk))
      .filter(({ sender }) => sender === stage.bot.id)
      .map(({ content }) => String(content.body).replaceAll('`', ''));
  const untilShown = (text: string) =>
    waitUntil(`"${text}" in the room`, async () => (await answers()).find((body) => body.includes(text)), {
      ...{ timeoutMs: 60_000, everyMs: 200 },
      describe: async () => [await answers(), stage.lookout.said.slice(-10)],
    });

  /** A mute with its digest, by commands; Lookout is killed before it answers and when it has answered. */
  async function talk(): Promise<void> {
    const { reader, rooms } = stage;
    const say = (text: string) => reader.send(rooms.talk, text);
    await reader.untilJoined(rooms.talk, stage.bot);
    await stage.killAt({ request: 'PUT /send', when: 'before', room: 'talk' }, () =>
      say('!mute for 2h "a known wave"'),
    );
    await untilShown('Muted the whole room until');
    await stage.emit([post(idsOf.talk[0], 'Held back title')]);
    await stage.untilQuiet(120_000);
    await reader.user.send(rooms.talk, '!unmute');
    await stage.killAt({ request: 'PUT /send', when: 'after', room: 'talk' }, () => say(`!why post:${idsOf.talk[0]}`));
    await untilShown('Not sent: muted by');
    await say('!unmute');
    await untilShown('ended a mute');
    await stage.untilQuiet(120_000);
  }

  it('have shown at least 500 events while Lookout was killed at least 20 times', () => {
    expect(stage.expected().length).toBeGreaterThanOrEqual(500);
    expect(stage.kills).toBeGreaterThanOrEqual(20);
  });

  it('are decrypted without a warning, from one device, and no key of a message is used twice', async () => {
    const faults = Object.entries(readings).flatMap(([room, events]) =>
      encryptionFaults(events, stage.bot.id).map((fault) => `${room}: ${fault}`),
    );
    expect(faults).toEqual([]);
    const devices = Object.values(readings).flatMap((events) =>
      events.flatMap(({ sender, senderKeys }) => (sender === stage.bot.id ? [senderKeys] : [])),
    );
    expect(new Set(devices).size).toBe(1);
    expect(identity).not.toBeNull();
    expect(await stage.reader.identityOf(stage.bot)).toBe(identity);
  });

  it('show each event: complete, in order, none twice', () => {
    // The events of the lives have no mark of their own.
    const expected = stage.expected().filter(({ event }) => event.object.e2e !== undefined);
    const shown = (events: readonly ReadEvent[]) =>
      events
        .flatMap(({ content, at }) => marksIn(String(content.body)).map((mark) => ({ mark, at })))
        .filter(({ mark }) => !mark.endsWith('|'));
    expect(roomFaults(stage.outbox, { platform: 'matrix', name: 'marks' }, expected, shown(readings.marks))).toEqual(
      [],
    );
    const ofPosts = expected.filter(({ event }) => event.event_class === 'Post');
    expect(roomFaults(stage.outbox, { platform: 'matrix', name: 'singles' }, ofPosts, shown(readings.singles))).toEqual(
      [],
    );
  });

  it('show cards in their last state', async () => {
    const cards = [...lastContents(readings.cards).values()].map(({ body }) => body);
    await expect(`${cards.join('\n\n')}\n`).toMatchFileSnapshot('golden/cards-matrix.txt');
  });

  it('show a wave as a digest', () => {
    const bodies = [...lastContents(readings.waves).values()].map(({ body }) => String(body));
    expect(bodies.length).toBeLessThan(waveOf / 2);
    const said = bodies.join('\n');
    const titles = Array.from({ length: waveOf }, (_, index) => `Post ${idsOf.waves[0] + index}`);
    expect(titles.filter((title) => !said.includes(title))).toEqual([]);
  });

  it('take commands, which are answered once, and none that came in plain text', () => {
    const bodies = readings.talk.filter(({ sender }) => sender === stage.bot.id).map(({ content }) => content.body);
    const said = (text: string) => bodies.filter((body) => String(body).includes(text)).length;
    expect([said('Muted the whole room'), said('Not sent: muted by'), said('ended a mute')]).toEqual([1, 1, 1]);
    expect(bodies.find((body) => String(body).includes('ended a mute'))).toContain('Held back title');
    expect(stage.outbox.changes()).toHaveLength(2);
  });

  it('are read by a new device from the next message on', async () => {
    const events = (await second.read(stage.rooms.singles)).filter(({ sender }) => sender === stage.bot.id);
    const first = events.findIndex(({ trouble }) => trouble === null);
    expect(first).toBeGreaterThan(0);
    expect(encryptionFaults(events.slice(first), stage.bot.id)).toEqual([]);
    expect(events.length - first).toBeGreaterThan(50);
  });
});

describe('the state of the encryption', () => {
  it('lets a key be used twice if it is stored apart from the message', async () => {
    const stage = await startEncryptedStage({ apart: true });
    try {
      const events = createEventGenerator(createRandom(seedForThisRun()), Math.floor(Date.now() / 1_000) - 86_400);
      await stage.emit(events.take(5));
      await stage.untilQuiet(120_000);
      await stage.killAt('stored', () => stage.emit(events.take(30)));
      await stage.emit(events.take(30));
      await stage.untilQuiet(120_000);
      // It was killed at a message of one of them.
      const { marks, singles } = stage.rooms;
      const faults = await Promise.all(
        [marks, singles].map(async (room) => encryptionFaults(await stage.reader.read(room), stage.bot.id)),
      );
      expect(faults.flat()).toContainEqual(expect.stringContaining('repeats'));
    } finally {
      await stage.stop();
    }
  });
});

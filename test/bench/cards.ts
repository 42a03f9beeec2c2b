import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { enqueue } from '../../src/ingest/store-event.ts';
import { CARD_MERGE_MS } from '../../src/outbox/rows/note-news.ts';
import { storeRooms } from '../../src/outbox/rows/rooms.ts';
import { openStore } from '../../src/store/open-store.ts';
import { startDiscordDouble } from '../support/discord/double.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { median } from './median.ts';
import { count, defineRow, type Row, type Values } from './row.ts';
import { feedbackOn, postCreated } from './sample.ts';
import { storedPost } from './stored-post.ts';

interface EditsSize {
  readonly posts: number;
}

interface OpenSize {
  readonly cards: number;
  readonly events: number;
}

const costs = fileURLToPath(new URL('card-costs.ts', import.meta.url));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Sends votes for posts with cards in a channel, some at a time. */
async function measureEdits({ posts }: EditsSize): Promise<Values> {
  const [cable, discord] = await Promise.all([startCableServer(), startDiscordDouble()]);
  discord.limits = 'off';
  const channel = discord.createChannel();
  const subscribed = cable.subscribed();
  const lookout = await startConfigured({
    source: { url: cable.url, key: 'bench-key' },
    chats: { discord: { api: discord.url, token: discord.bot.token } },
    rooms: { here: { to: `discord:${channel}`, waves: 'off' } },
    subscriptions: [{ events: 'posts#create', rooms: 'here', card: true }],
  });
  try {
    await lookout.process.whileRunning(subscribed);
    await pause(2_000);
    const ofPost = (id: number) =>
      discord.messages(channel).find(({ embeds }) => JSON.stringify(embeds).includes(`/post/${id}#`));
    const until = async (isDone: () => boolean) => {
      for (const end = Date.now() + 60_000; !isDone(); await pause(5))
        if (Date.now() > end) throw new Error('the cards were not drawn within a minute');
    };
    const created = new Map<number, number>();
    for (let id = 1; id <= posts; id++) {
      created.set(id, Date.now());
      cable.send(postCreated(id));
      await until(() => ofPost(id) !== undefined);
      await pause(25);
    }
    await pause(2 * CARD_MERGE_MS);
    const voted = new Map<number, number>();
    for (let id = 1; id <= posts; id++) {
      voted.set(id, Date.now());
      cable.send(feedbackOn(id, id));
      await pause(40);
    }
    await until(() => discord.messages(channel).every(({ edited_timestamp: at }) => at !== null));
    const took = (from: ReadonlyMap<number, number>, of: 'timestamp' | 'edited_timestamp') =>
      median([...from].map(([id, at]) => Date.parse(String(ofPost(id)?.[of])) - at));
    return { edit: { value: took(voted, 'edited_timestamp') - CARD_MERGE_MS, floor: took(created, 'timestamp') } };
  } finally {
    await lookout.stop();
    await Promise.all([cable.stop(), discord.stop()]);
  }
}

/** Measures in a separate process the events on some subjects, the first of which have open cards. */
async function costOf(
  cards: number,
  subjects: number,
  events: number,
): Promise<{ readonly medianMs: number; readonly memoryMb: number }> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-'));
  try {
    const file = join(directory, 'lookout.db');
    await fillWithCards(file, cards);
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--expose-gc',
      costs,
      file,
      String(subjects),
      String(events),
    ]);
    return JSON.parse(stdout) as { medianMs: number; memoryMb: number };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Fills the store with cards of a room that shows all of them. */
async function fillWithCards(file: string, subjects: number): Promise<void> {
  const { db, close } = await openStore(file);
  const [room] = await storeRooms(db, [
    { name: 'room', address: 'console:room', platform: 'console', account: 'console' },
  ]);
  const now = Date.now();
  for (let at = 0; at < subjects; at += 500)
    await db.transaction().execute(async (trx) => {
      for (let id = at + 1; id <= Math.min(subjects, at + 500); id++) {
        await enqueue(trx, storedPost(id));
        const message = await trx
          .insertInto('messages')
          .values({
            room_id: room!.id,
            subject: `post:${id}`,
            kind: 'card',
            platform_id: `$${id}`,
            redraw_at: null,
            shown: null,
            pinged: null,
            wave: null,
            grows: 0,
            created_at: now,
            content: null,
            answers: null,
            answers_in: null,
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        await trx
          .insertInto('cards')
          .values({
            room_id: room!.id,
            subject: `post:${id}`,
            state: 'open',
            subscription: 'bench',
            template: null,
            options: '{"card":true}',
            message_id: message.id,
            slot: 0,
            due_at: null,
            answers: null,
            created_at: now,
          })
          .execute();
      }
    });
  await close();
}

/** Measures as many events with many open cards as with one. */
async function measureOpen({ cards, events }: OpenSize): Promise<Values> {
  const many = await costOf(cards, cards, events);
  const one = await costOf(1, cards, events);
  return {
    event: { value: many.medianMs, floor: one.medianMs },
    memory: { value: many.memoryMb, floor: one.memoryMb },
  };
}

export const cardRows: readonly Row[] = [
  defineRow<EditsSize>({
    name: 'cards-edit',
    group: 'cards',
    sizes: { quick: { posts: 20 }, full: { posts: 60 } },
    limitSeconds: { quick: 25, full: 40 },
    figures: ({ posts }) => [
      {
        name: 'edit',
        what: `${count(posts)} cards on Discord: a vote → the edit taken, less the second that is gathered, median`,
        unit: 'ms',
        better: 'less',
        floor: 'a new message',
        // The platform's times are whole milliseconds.
        grain: 5,
      },
    ],
    measure: measureEdits,
  }),
  defineRow<OpenSize>({
    name: 'cards-open',
    group: 'cards',
    sizes: { quick: { cards: 1_000, events: 300 }, full: { cards: 10_000, events: 2_000 } },
    limitSeconds: { quick: 25, full: 40 },
    figures({ cards }) {
      const what = `an event while ${count(cards)} cards are open`;
      return [
        {
          name: 'event',
          what: `${what}: written and folded, median`,
          unit: 'ms',
          better: 'less',
          floor: 'one card is open',
          grain: 0.1,
        },
        { name: 'memory', what: `${what}: memory`, unit: 'MB', better: 'less', floor: 'one card is open', grain: 20 },
      ];
    },
    measure: measureOpen,
  }),
];

import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CARD_MERGE_MS } from '../../src/outbox/cards/note-news.ts';
import { enqueue } from '../../src/outbox/enqueue.ts';
import { storeRooms } from '../../src/outbox/rooms.ts';
import { openStore } from '../../src/store/open-store.ts';
import { startDiscordDouble } from '../support/discord/double.ts';
import { waitingPost } from './backlog.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { feedbackOn, postCreated } from './sample.ts';

/** What cards cost. */
export interface CardFigures {
  /** From the event on the socket to the edit at the platform, less the merge window: median, milliseconds. */
  readonly editMs: number;
  /** The same for a new message, which waits for nothing. */
  readonly floorMs: number;
  /** One event on one of many open subjects, written and folded: median, milliseconds. */
  readonly eventMs: number;
  /** The same where a single card is open. */
  readonly eventFloorMs: number;
  /** How much more memory the process has with many than with one, MB. */
  readonly growthMb: number;
}

const costs = fileURLToPath(new URL('card-costs.ts', import.meta.url));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function measureCards(posts: number, openSubjects: number, events: number): Promise<CardFigures> {
  const { editMs, floorMs } = await measureEdits(posts);
  const many = await costOf(openSubjects, openSubjects, events);
  const one = await costOf(1, openSubjects, events);
  return {
    editMs,
    floorMs,
    eventMs: many.medianMs,
    eventFloorMs: one.medianMs,
    growthMb: many.memoryMb - one.memoryMb,
  };
}

/** Votes for posts whose cards a channel shows, some of them at a time. */
async function measureEdits(posts: number): Promise<{ readonly editMs: number; readonly floorMs: number }> {
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
    return { editMs: took(voted, 'edited_timestamp') - CARD_MERGE_MS, floorMs: took(created, 'timestamp') };
  } finally {
    await lookout.stop();
    await Promise.all([cable.stop(), discord.stop()]);
  }
}

/** A process of its own writes events about so many subjects, the first of which have open cards. */
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

/** Cards as a room has them that shows all of them. */
async function fillWithCards(file: string, subjects: number): Promise<void> {
  const { db, close } = await openStore(file);
  const [room] = await storeRooms(db, [{ name: 'room', address: 'console:room', platform: 'console' }]);
  const now = Date.now();
  for (let at = 0; at < subjects; at += 500)
    await db.transaction().execute(async (trx) => {
      for (let id = at + 1; id <= Math.min(subjects, at + 500); id++) {
        await enqueue(trx, { ...waitingPost(id), deliveries: [] });
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
            told: '[]',
            created_at: now,
          })
          .execute();
      }
    });
  await close();
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

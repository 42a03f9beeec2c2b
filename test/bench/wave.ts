import { setTimeout as pause } from 'node:timers/promises';
import { openOutboxFile } from '../e2e/support/outbox-file.ts';
import { startDiscordDouble } from '../support/discord/double.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';
import { startCableServer } from './cable-server.ts';
import { startConfigured } from './lookout.ts';
import { count, defineRow, type Figure, type Progress, type Row, type Values } from './row.ts';
import { postCreated } from './sample.ts';

interface Size {
  /** In a wave of 266 reports, SmokeDetector fell an hour behind. */
  readonly reports: number;
  readonly seconds: number;
}

/** Limits of one account or channel, with their names. */
const limits = {
  // As commonly seen for a channel.
  discord: { title: 'Discord', burst: 5, perSecond: 1, text: '5 messages in 5 s' },
  // Synapse's default for messages of an account.
  matrix: { title: 'Matrix', burst: 10, perSecond: 0.2, text: '10 messages, then one in 5 s' },
} as const;
type Chat = keyof typeof limits;
const chats = ['discord', 'matrix'] as const;

/** Times of the room's first message and of its last update, Unix milliseconds of the monotonic clock; null: not yet. */
interface Seen {
  first: number | null;
  current: number | null;
}

/** Sends a wave of reports to a room on each platform at once, with their real limits. */
async function measure({ reports, seconds }: Size, progress: Progress): Promise<Values> {
  const [cable, discord, matrix] = await Promise.all([startCableServer(), startDiscordDouble(), startHomeserver()]);
  discord.limits = 'real';
  matrix.limit = { burst: limits.matrix.burst, perSecond: limits.matrix.perSecond };
  const channel = discord.createChannel();
  const room = matrix.rooms.create({ members: { [matrix.user]: 'join' } });
  const subscribed = cable.subscribed();
  const lookout = await startConfigured({
    source: { url: cable.url, key: 'bench-key' },
    chats: {
      discord: { api: discord.url, token: discord.bot.token },
      matrix: { homeserver: matrix.url, token: fakeToken },
    },
    rooms: { discord: `discord:${channel}`, matrix: `matrix:${room}` },
    subscriptions: [{ events: 'posts#create', rooms: ['discord', 'matrix'] }],
  });
  const shows = {
    discord: () => discord.messages(channel).length > 0,
    matrix: () => matrix.rooms.shown(room).length > 0,
  };
  try {
    await lookout.process.whileRunning(subscribed);
    const outbox = openOutboxFile(lookout.store);
    // Both rooms are checked first.
    await pause(2_000);
    const began = performance.now();
    const seen: Record<Chat, Seen> = {
      discord: { first: null, current: null },
      matrix: { first: null, current: null },
    };
    let lastAt = began;
    for (let sent = 0; chats.some((chat) => seen[chat].current === null); await pause(50)) {
      const elapsed = (performance.now() - began) / 1_000;
      for (; sent < reports && sent <= (elapsed / seconds) * reports; sent++) {
        cable.send(postCreated(sent + 1));
        lastAt = performance.now();
      }
      progress(`${sent} of ${reports} reports`);
      const isOver = sent === reports && outbox.events() >= reports;
      for (const chat of chats) {
        if (shows[chat]()) seen[chat].first ??= performance.now();
        if (isOver && outbox.unsettledIn(chat) === 0) seen[chat].current ??= performance.now();
      }
    }
    return Object.fromEntries(chats.flatMap((chat) => valuesOf(chat, seen[chat], { reports, seconds, began, lastAt })));
  } finally {
    await lookout.stop();
    await Promise.all([cable.stop(), discord.stop(), matrix.stop()]);
  }
}

function valuesOf(
  chat: Chat,
  { first, current }: Seen,
  wave: Size & { readonly began: number; readonly lastAt: number },
): readonly (readonly [string, Values[string]])[] {
  const { burst, perSecond } = limits[chat];
  const oneByOne = Math.max(0, (wave.reports - burst) / perSecond - wave.seconds);
  return [
    [`first-${chat}`, { value: ((first ?? Number.NaN) - wave.began) / 1_000, floor: null }],
    [`current-${chat}`, { value: Math.max(0, (current ?? Number.NaN) - wave.lastAt) / 1_000, floor: oneByOne }],
  ];
}

function figuresOf(chat: Chat, { reports, seconds }: Size): readonly Figure[] {
  const { title, text } = limits[chat];
  const what = `${title} (${text}): ${count(reports)} reports in ${seconds} s`;
  return [
    { name: `first-${chat}`, what: `${what}: first message after`, unit: 's', better: 'less', floor: null },
    {
      name: `current-${chat}`,
      what: `${what}: the room is current after the last one by`,
      unit: 's',
      better: 'less',
      floor: 'one message for each report takes',
      // A digest on Matrix is updated every 15 s while the account is limited.
      grain: 16,
    },
  ];
}

export const waveRows: readonly Row[] = [
  defineRow<Size>({
    name: 'wave',
    group: 'wave',
    sizes: { quick: { reports: 40, seconds: 3 }, full: { reports: 266, seconds: 20 } },
    limitSeconds: { quick: 35, full: 60 },
    figures: (size) => chats.flatMap((chat) => figuresOf(chat, size)),
    measure,
  }),
];

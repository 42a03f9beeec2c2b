import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { type Hub, startHub, type WireEvent } from '../../src/hub/hub.ts';
import { sampleEvents } from '../../src/hub/samples/story.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { Secret } from '../../src/secrets/secret.ts';
import { systemClock } from '../../src/time/clock.ts';
import { looksWrong } from '../e2e/support/looks.ts';
import { startSynapse } from '../e2e/support/synapse-server.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import type { DoubleMessage } from '../support/discord/double.ts';
import { type DiscordRoom, makeDiscordRoom } from './discord-room.ts';
import { type MatrixRoom, makeMatrixRoom, type ReadRoom } from './matrix-room.ts';
import { startTerminal, type Terminal } from './terminal.ts';

/** The same events in three rooms, as their readers see them. */
export interface Shown {
  /** The output on Lookout's terminal from the first event on, with its control sequences. */
  readonly terminal: string;
  readonly room: ReadRoom;
  /** The channel on Discord, oldest first. */
  readonly channel: readonly DoubleMessage[];
}

/** The sample events to show: the first few of each kind. The second report is the first hostile one. */
const wanted: readonly (readonly [eventClass: string, events: string, count: number])[] = [
  ['Post', 'posts#create', 2],
  ['FlagLog', 'flag_logs#create', 1],
  ['Feedback', 'feedbacks#create', 1],
  ['DeletionLog', 'deletion_logs#create', 1],
];

/** Columns of the terminal; console rooms are laid out for this width. */
const columns = 140;

const program = fileURLToPath(new URL('../../src/lookout.js', import.meta.url));

/**
 * Runs a hub, a homeserver, a server that speaks Discord's API, and Lookout between them, and stops them all. Fails if
 * a message breaks a promise.
 */
export async function showEvents(): Promise<Shown> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-picture-'));
  const stops: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  try {
    const key = new Secret('picture-key-0c51', 'the picture');
    const hub = await startHub({
      port: 0,
      keys: [key],
      clock: systemClock,
      log: silentLog,
      catalogue: createCatalogue(),
    });
    stops.push(hub.stop);
    const synapse = await startSynapse('off');
    stops.push(synapse.stop);
    const room = await makeMatrixRoom(synapse);
    const discord = await makeDiscordRoom();
    stops.push(discord.double.stop);
    const configuration = {
      source: { url: hub.url, key: key.reveal() },
      store: 'memory',
      chats: {
        discord: { api: discord.double.url, token: discord.double.bot.token },
        matrix: { homeserver: synapse.url, token: room.bot.token, invite: [room.reader.id] },
      },
      rooms: { terminal: 'console:smoke', matrix: `matrix:${room.alias}`, discord: `discord:${discord.channel}` },
      subscriptions: [
        { events: wanted.map(([, events]) => events).join(';'), rooms: ['terminal', 'matrix', 'discord'] },
      ],
    };
    // JSON is YAML. It contains the keys, so only this user may read it.
    await writeFile(join(directory, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
    const command = `'${process.execPath}' '${program}' run`;
    const terminal = startTerminal(command, { cwd: directory, env: { PATH: process.env.PATH }, columns });
    stops.push(terminal.kill);

    const started = ['and subscribed', 'joined', 'commands were registered'];
    await Promise.all(started.map((text) => terminal.untilShown(text)));
    const before = terminal.screen.length;
    await letThrough(hub, { room, discord, terminal });
    const seen = terminal.screen.slice(before);
    const read = await room.read();
    const code = await terminal.interrupt();
    if (code !== 0) throw new Error(`Lookout ended with ${code}:\n${terminal.screen}`);
    const { pings, previews, misfits } = discord.double;
    const wrong = [
      ...read.messages.flatMap((message) => looksWrong(message, [room.bot.token, key.reveal()])),
      ...[...pings, ...previews, ...misfits].map((what) => `Discord: ${what}`),
    ];
    if (wrong.length > 0) throw new Error(`messages break a promise:\n${wrong.join('\n')}`);
    return { terminal: seen, room: read, channel: discord.read() };
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

/** Sends one event at a time, so that all rooms have them in the same order. */
async function letThrough(
  hub: Hub,
  { room, discord, terminal }: { room: MatrixRoom; discord: DiscordRoom; terminal: Terminal },
): Promise<void> {
  let count = 0;
  for (const event of choose(sampleEvents(Date.now()))) {
    hub.publish(event);
    count++;
    const there = async () => ((await room.read()).messages.length === count ? true : undefined);
    const describe = () => terminal.screen;
    await waitUntil(`message ${count} in the Matrix room`, there, { timeoutMs: 30_000, describe });
    const posted = () => (discord.read().length === count ? true : undefined);
    await waitUntil(`message ${count} on Discord`, posted, { timeoutMs: 30_000, describe });
    const shown = () => (headersIn(terminal.screen) === count ? true : undefined);
    await waitUntil(`message ${count} on the terminal`, shown, { timeoutMs: 30_000, describe });
  }
}

/** Counts the messages: each on the terminal begins with its room's name on a separate line. */
function headersIn(screen: string): number {
  return stripVTControlCharacters(screen)
    .split('\r\n')
    .filter((line) => line === 'smoke').length;
}

/** Yields the chosen events, in the order of the story. */
function* choose(events: Iterable<WireEvent>): Iterable<WireEvent> {
  const left = new Map(wanted.map(([eventClass, , count]) => [eventClass, count]));
  for (const event of events) {
    const count = left.get(event.event_class) ?? 0;
    if (count === 0 || event.event_type !== 'create') continue;
    if (count === 1) left.delete(event.event_class);
    else left.set(event.event_class, count - 1);
    yield event;
    if (left.size === 0) return;
  }
}

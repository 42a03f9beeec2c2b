import { mkdir, mkdtemp, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type RailsServer, startRails } from '../e2e/support/rails-server.ts';
import type { Random } from '../e2e/support/random.ts';
import { type Recorder, startRecorder } from '../e2e/support/recorder.ts';
import { everything } from '../e2e/support/rows.ts';
import { type DiscordDouble, startDiscordDouble } from '../support/discord/double.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../support/metasmoke-api.ts';
import { speed } from './fast-clock.ts';
import { markTemplate } from './judge.ts';
import { cardTemplate } from './judge-cards.ts';
import { type LookoutProcess, startLookoutProcess } from './lookout-process.ts';
import { type Machines, startMachines } from './machines.ts';
import type { MatrixSide, MatrixSides } from './matrix.ts';
import { type SourceProxy, startSourceProxy } from './source-proxy.ts';
import { roomsOf, type StageRoom, type TrialKind } from './stage-rooms.ts';
import type { Switch } from './switches.ts';
import { createTrialClocks, type TrialClocks } from './trial-clocks.ts';
import { sqliteStore, type TrialDatabase, type TrialDatabases, type TrialStore } from './trial-store.ts';
import { withinTime } from './within-time.ts';

/** Lookout and everything around it in one trial. */
export interface Stage {
  /** Start of the trial, Unix milliseconds; Lookout's clock starts there. */
  readonly epoch: number;
  readonly directory: string;
  readonly store: TrialStore;
  /** Lookout's log lines and the faults, each with the seconds since the start of the trial. */
  readonly said: string[];
  say(line: string): void;
  readonly clocks: TrialClocks;
  readonly rails: RailsServer;
  readonly proxy: SourceProxy;
  readonly recorder: Recorder;
  readonly api: MetasmokeApiDouble;
  readonly discord: DiscordDouble;
  /** All rooms except the one with cards. */
  readonly rooms: readonly StageRoom[];
  /** The channel with cards. */
  readonly cards: string;
  readonly matrix: MatrixSide;
  readonly lookout: LookoutProcess;
  /** Its processes, if it has several, and their database; null: one process with SQLite. */
  readonly several: { readonly machines: Machines; readonly database: TrialDatabase } | null;
  /** Writes another configuration, in which nothing that is judged is another one, and makes Lookout read it. */
  reload(random: Random): Promise<void>;
  stop(): Promise<void>;
}

const key = 'chaos-key';

/** Several processes on a database of their own, and the number of shards that Discord asks for. */
export interface Several {
  readonly databases: TrialDatabases;
  readonly processes: number;
  readonly shards: number;
}

export interface StageOptions {
  readonly kind: TrialKind;
  readonly matrixSides: MatrixSides;
  readonly without: Switch | null;
  /** Null: one process with SQLite. */
  readonly several: Several | null;
}

export async function openStage({ kind, matrixSides, without, several }: StageOptions): Promise<Stage> {
  const plans = roomsOf(kind, matrixSides);
  const onMatrix = (encrypted: boolean) =>
    plans.filter(({ platform, isEncrypted = false }) => platform === 'matrix' && isEncrypted === encrypted);
  const directory = await mkdtemp(join(tmpdir(), 'lookout-chaos-'));
  // Accounts and rooms take a while on a real homeserver. Lookout's time does not pass until they exist.
  const [rails, matrix, api] = await Promise.all([
    startRails(key, 3 / speed),
    matrixSides.open({ plain: onMatrix(false).length, encrypted: onMatrix(true).length }),
    startMetasmokeApi(key),
  ]);
  const epoch = Date.now();
  const leaps = join(directory, 'leaps');
  const clocks = createTrialClocks(epoch, leaps);
  const discord = await startDiscordDouble({ clock: clocks.discord });
  discord.limits = 'off';
  discord.gateway.shards = several?.shards ?? 1;
  const proxy = await startSourceProxy(() => Number(new URL(rails.url).port));
  const recorder = startRecorder(rails.url, key, everything);
  const [plain, encrypted] = [[...matrix.rooms], [...matrix.encrypted]];
  const rooms = plans.map((plan): StageRoom => {
    const free = plan.isEncrypted ? encrypted : plain;
    const place = plan.platform === 'discord' ? discord.createChannel() : free.shift();
    if (place === undefined) throw new Error(`the homeserver has no room for ${plan.name}`);
    return { ...plan, place };
  });
  const cards = discord.createChannel();
  await mkdir(join(directory, 'my-templates'));
  await writeFile(join(directory, 'my-templates', 'mark.hbs'), markTemplate);
  await writeFile(join(directory, 'my-templates', 'card_line.hbs'), cardTemplate);
  const configuration = {
    source: {
      url: proxy.url,
      key,
      ...(without !== 'backfill' && { api: api.url, backfill: { digest_after: '30d' } }),
    },
    store: several === null ? 'sqlite:lookout.db' : `\${LOOKOUT_STORE}`,
    // A greeting is not an event, and the judge knows events.
    greet: 'off',
    // A command is given over each shard at the end, in a channel that has no room yet.
    ...(several !== null && several.shards > 1 && { commands: { rooms: 'any' } }),
    chats: {
      discord: { api: discord.url, token: discord.bot.token },
      matrix: { homeserver: matrix.url, token: `\${MATRIX_TOKEN}` },
    },
    rooms: {
      ...Object.fromEntries(
        rooms.map(({ name, platform, place, waves }) => [name, { to: `${platform}:${place}`, waves }]),
      ),
      cards: { to: `discord:${cards}`, waves: { digest_above: 1_000_000 } },
    },
    subscriptions: [
      { events: everything, rooms: rooms.map(({ name }) => name), template: 'mark' },
      { events: 'posts#create', rooms: 'cards', card: true, details: [], template: 'card_line' },
    ],
  };
  const file = join(directory, 'config.yaml');
  await writeFile(file, JSON.stringify(configuration, null, 2), { mode: 0o600 });
  const said: string[] = [];
  const say = (line: string) => void said.push(`${((Date.now() - epoch) / 1_000).toFixed(2)} ${line}`);
  const run = {
    directory,
    args: ['config.yaml', String(epoch), leaps, ...(without === null ? [] : [without])],
    env: () => ({ MATRIX_TOKEN: matrix.token }),
  };
  const portOf = (url: string) => Number(new URL(url).port);
  const accounts = new Map([
    [portOf(discord.url), 'account:discord'],
    [portOf(matrix.url), 'account:matrix'],
  ]);
  const unitOf = (port: number) => accounts.get(port) ?? 'leader';
  const database = (await several?.databases.open()) ?? null;
  const machines =
    several === null || database === null
      ? null
      : await startMachines({ ...run, count: several.processes, database, unitOf, say });
  const lookout = machines ?? startLookoutProcess({ ...run, onLine: say });
  /** Puts a file in the place of the configuration, as editors do, and makes Lookout read it. */
  const configure = async (text: string) => {
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
    lookout.reload();
  };
  return {
    epoch,
    directory,
    store: database ?? sqliteStore(join(directory, 'lookout.db')),
    said,
    say,
    clocks,
    rails,
    proxy,
    recorder,
    api,
    discord,
    rooms,
    cards,
    matrix,
    lookout,
    several: machines === null || database === null ? null : { machines, database },
    async reload(random) {
      if (random.chance(15)) {
        await configure('{ "source": ');
        // Another start would end with it.
        await pause(100);
      }
      await configure(JSON.stringify(variantOf(configuration, random), null, 2));
    },
    async stop() {
      clocks.stop();
      recorder.stop();
      await lookout.end('SIGKILL');
      await machines?.stop();
      const servers = [proxy, rails, discord, matrix, api];
      await withinTime('stopping the servers', 10_000, Promise.all(servers.map((server) => server.stop())));
    },
  };
}

type Configuration = Readonly<Record<'chats' | 'rooms' | 'subscriptions', object>>;

/** Returns a configuration that differs in some of what makes rooms begin, end or start anew, and accounts log in again. */
function variantOf(configuration: Configuration, random: Random): object {
  const { chats, rooms, subscriptions } = configuration;
  const { discord, matrix } = chats as { readonly discord: object; readonly matrix: object };
  const isThere = random.chance(50);
  const extra = { events: 'posts#create', rooms: 'extra' };
  return {
    ...configuration,
    chats: {
      discord: { ...discord, forum_title: random.pick(['{title}', 'Spam: {title}']) },
      matrix: { ...matrix, prefix: random.pick(['!', '?']) },
    },
    rooms: {
      ...rooms,
      cards: { ...(rooms as { readonly cards: object }).cards, timezone: random.pick(['UTC', 'Europe/Berlin']) },
      ...(isThere && { extra: 'console:extra' }),
    },
    subscriptions: [...(subscriptions as readonly object[]), ...(isThere ? [extra] : [])],
    derived: { lost_after: random.pick(['2m', '3m']) },
  };
}

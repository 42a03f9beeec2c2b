import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { firstLines } from '../e2e/support/discord-channels.ts';
import { createEventGenerator } from '../e2e/support/events.ts';
import { marksIn } from '../e2e/support/matrix-side.ts';
import { openOutboxFile } from '../e2e/support/outbox-file.ts';
import { startRails, type WireEvent } from '../e2e/support/rails-server.ts';
import { createRandom } from '../e2e/support/random.ts';
import { startRecorder } from '../e2e/support/recorder.ts';
import { classOf, everything } from '../e2e/support/rows.ts';
import { waitUntil } from '../e2e/support/wait-until.ts';
import { startChild } from '../support/child.ts';
import { startDiscordDouble } from '../support/discord/double.ts';
import { fakeToken, startHomeserver } from '../support/homeserver.ts';
import { startMetasmokeApi } from '../support/metasmoke-api.ts';
import { fastTime, speed } from './fast-clock.ts';
import { faults, type Victims } from './faults.ts';
import { type JudgedRoom, judge, markOf, markTemplate, type Verdict } from './judge.ts';
import { startSourceProxy } from './source-proxy.ts';
import type { Switch } from './switches.ts';

const program = fileURLToPath(new URL('lookout.ts', import.meta.url));
const listedModels = ['posts', 'feedbacks', 'deletion_logs', 'post_comments', 'flag_logs'] as const;
const listedBy = new Map(listedModels.map((model) => [classOf(model), model]));

/** How long events are emitted and faults injected, in milliseconds of real time. */
const EMITTING_MS = 4_000;
/** After the last fault everything must be shown within so long, in milliseconds of real time. */
const SETTLING_MS = 30_000;

export interface Trial extends Verdict {
  readonly number: number;
  readonly seed: number;
  /** How often each kind of fault was injected. */
  readonly faults: ReadonlyMap<string, number>;
  readonly tookMs: number;
  /** Where the log and the store of a trial that failed are. */
  readonly directory: string | null;
}

/** Runs Lookout between a real Action Cable server and doubles, with faults at random instants, and judges what rooms show. */
export async function runTrial(number: number, seed: number, without: Switch | null): Promise<Trial> {
  const started = performance.now();
  const random = createRandom(seed);
  const epoch = Date.now();
  const directory = await mkdtemp(join(tmpdir(), 'lookout-chaos-'));
  const store = join(directory, 'lookout.db');
  const said: string[] = [];
  const key = 'chaos-key';
  const [rails, discord, matrix, api] = await Promise.all([
    startRails(key, 3 / speed),
    startDiscordDouble(),
    startHomeserver(),
    startMetasmokeApi(key),
  ]);
  const proxy = await startSourceProxy(() => Number(new URL(rails.url).port));
  const recorder = startRecorder(rails.url, key, everything);
  discord.limits = 'off';

  const channels = {
    singles: discord.createChannel(),
    merged: discord.createChannel(),
    digest: discord.createChannel(),
  };
  const room = matrix.rooms.create({ members: { [matrix.user]: 'join' } });
  const configuration = {
    source: { url: proxy.url, key, ...(without !== 'backfill' && { api: api.url }) },
    store: 'sqlite:lookout.db',
    chats: {
      discord: { api: discord.url, token: discord.bot.token },
      matrix: { homeserver: matrix.url, token: `\${MATRIX_TOKEN}` },
    },
    rooms: {
      singles: { to: `discord:${channels.singles}`, waves: 'off' },
      merged: { to: `discord:${channels.merged}`, waves: { digest_above: 1_000_000 } },
      digest: { to: `discord:${channels.digest}`, waves: { digest_above: 60 } },
      matrix: { to: `matrix:${room}`, waves: { digest_above: 1_000_000 } },
    },
    subscriptions: [{ events: everything, rooms: ['singles', 'merged', 'digest', 'matrix'], template: 'mark' }],
  };
  await mkdir(join(directory, 'templates'));
  await writeFile(join(directory, 'templates', 'mark.hbs'), markTemplate);
  await writeFile(join(directory, 'config.yaml'), JSON.stringify(configuration, null, 2), { mode: 0o600 });

  const startLookout = () =>
    startChild(process.execPath, [program, 'config.yaml', String(epoch), ...(without === null ? [] : [without])], {
      cwd: directory,
      env: { ...process.env, MATRIX_TOKEN: fakeToken, NO_COLOR: '1' },
      onLine: (line) => said.push(line),
    });
  let lookout = startLookout();
  let isSourceUp = true;
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const victims: Victims = {
    proxy,
    discord,
    matrix,
    api,
    async killLookout(ms) {
      await lookout.end('SIGKILL');
      said.push('--- SIGKILL');
      await pause(ms);
      lookout = startLookout();
    },
    async killSource(ms) {
      if (!isSourceUp) return;
      isSourceUp = false;
      await rails.kill();
      await pause(ms);
      await rails.restart();
      isSourceUp = true;
    },
  };

  const counts = new Map<string, number>();
  const listed = new Map<string, WireEvent>();
  /** The row is there as soon as it is created, whether or not anybody is told. */
  function write(event: WireEvent): void {
    const model = listedBy.get(event.event_class);
    if (model === undefined) return;
    const { id } = event.object;
    const name = markOf({ ...event, event_type: 'create' });
    const others = api.tables[model].filter((row) => row.id !== id);
    if (event.event_type === 'destroy') {
      listed.delete(name);
      destroyed.add(name);
      api.tables[model] = others;
    } else if (!destroyed.has(name)) {
      // An update that overtook its create does not stand for it: the create may never have been sent.
      if (event.event_type === 'create') listed.set(name, event);
      api.tables[model] = [...others, event.object];
    }
  }
  const destroyed = new Set<string>();

  async function emit(): Promise<void> {
    const generator = createEventGenerator(random, Math.floor(fastTime(epoch, Date.now()) / 1_000));
    for (const end = Date.now() + EMITTING_MS; Date.now() < end; await pause(random.integer(60))) {
      const events = generator.take(1 + random.integer(8));
      for (const event of events) write(event);
      // What the source cannot broadcast while it is down, only the API has.
      await withinTime('the source taking events', 3_000, rails.emit(events)).catch(() => {});
    }
  }

  async function injectFaults(): Promise<void> {
    // Some faults take both processes away and bring them back: one after the other.
    const count = 3 + random.integer(5);
    const times = Array.from({ length: count }, () => random.integer(EMITTING_MS)).sort((a, b) => a - b);
    const begin = Date.now();
    for (const time of times) {
      await pause(Math.max(0, begin + time - Date.now()));
      const fault = random.pick(faults);
      counts.set(fault.kind, (counts.get(fault.kind) ?? 0) + 1);
      said.push(`--- ${fault.kind}`);
      await fault.inject(victims, random);
    }
  }

  const verdict = () =>
    judge({ epoch, recorded: recorder.recorded, listed: [...listed.values()], store, rooms: judgedRooms() });
  const judgedRooms = (): JudgedRoom[] => {
    const ofDiscord = (name: keyof typeof channels): JudgedRoom => {
      const messages = discord.messages(channels[name]);
      return {
        name,
        address: `discord:${channels[name]}`,
        kind: name === 'digest' ? 'digest' : 'marks',
        shown: messages.flatMap((message) =>
          firstLines(message).flatMap((mark) =>
            mark.startsWith('mark|') ? [{ mark, at: Date.parse(message.timestamp) }] : [],
          ),
        ),
        texts: new Map(messages.map((message) => [message.id, JSON.stringify(message.embeds)])),
      };
    };
    const messages = matrix.rooms.shown(room);
    return [
      ...(['singles', 'merged', 'digest'] as const).map(ofDiscord),
      {
        name: 'matrix',
        address: `matrix:${room}`,
        kind: 'marks',
        shown: messages.flatMap(({ content, origin_server_ts: at }) =>
          marksIn(String(content.body)).map((mark) => ({ mark, at })),
        ),
        texts: new Map(),
      },
    ];
  };

  try {
    const subscribed = async () => ((await rails.health()).subscriptions === 2 ? true : undefined);
    await waitUntil('both subscribed', subscribed, { timeoutMs: 20_000, everyMs: 50, describe: () => said.slice(-5) });
    await withinTime('emitting and injecting faults', 60_000, Promise.all([emit(), injectFaults()]));
    const outbox = openOutboxFile(store);
    let last: Verdict = verdict();
    const isOver = () => {
      last = verdict();
      return outbox.unsettled() === 0 && last.lost.length === 0 ? true : undefined;
    };
    await waitUntil('nothing left', isOver, { timeoutMs: SETTLING_MS, everyMs: 250 }).catch(() => {});
    await withinTime('a stop after SIGTERM', 20_000, lookout.end('SIGTERM'));
    last = verdict();
    const failed = isFailure(last);
    if (failed) await writeFile(join(directory, 'log'), said.join('\n'));
    else await rm(directory, { recursive: true, force: true });
    const tookMs = performance.now() - started;
    return { ...last, number, seed, faults: counts, tookMs, directory: failed ? directory : null };
  } catch (error) {
    await writeFile(join(directory, 'log'), said.join('\n'));
    throw new Error(`trial ${number} (seed ${seed}, kept in ${directory}) could not be ended`, { cause: error });
  } finally {
    recorder.stop();
    await lookout.end('SIGKILL').catch(() => {});
    await withinTime(
      'stopping the servers',
      10_000,
      Promise.all([proxy.stop(), rails.stop(), discord.stop(), matrix.stop(), api.stop()]),
    );
  }
}

/** Fails where something takes longer, in milliseconds: a trial that hangs must say where. */
async function withinTime<T>(what: string, ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a promise was broken. */
export function isFailure({ lost, duplicated, outOfOrder, dead }: Verdict): boolean {
  return [lost, duplicated, outOfOrder, dead].some((list) => list.length > 0);
}

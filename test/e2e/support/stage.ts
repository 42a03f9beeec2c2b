import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LookoutProcess, startLookout } from '../../support/lookout-process.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { type DiscordChannels, startDiscordChannels } from './discord-channels.ts';
import { type MatrixSide, startMatrixSide } from './matrix-side.ts';
import { requireServers } from './needs.ts';
import { type Expected, expectationOf } from './oracle.ts';
import { type OutboxFile, openOutboxFile } from './outbox-file.ts';
import { type RailsServer, startRails, type WireEvent } from './rails-server.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import { everything, models } from './rows.ts';
import type { Limits } from './synapse-server.ts';
import { waitUntil } from './wait-until.ts';

/**
 * Each model once or twice, for the room in which only the formatting matters: a homeserver accepts some 30 messages a
 * second.
 */
const onlyNew = models.map((model) => (model === 'ref' ? 'ref#update' : `${model}#create`)).join(';');

/** Shows the values by which a reader identifies an event; the oracle's `markOf` gives the same. */
export const markTemplate = 'mark|{{event.class}}|{{event.type}}|{{object.id}}|{{object.updated_at}}|{{object.e2e}}\n';

/** Waiting events in `marks` may share a message, each with its mark; in `looks` one message per event is checked. */
const waves = { marks: { digest_above: 100_000 }, looks: 'off' };

/** Returns the reference to a variable in the configuration. */
const variable = (name: string) => `\${${name}}`;

export type RoomName = 'marks' | 'looks';

/** The chats in which Lookout writes, their limits, and its rooms. */
export interface Setting {
  readonly matrix?: { readonly limits: Limits; readonly rooms: readonly RoomName[] };
  readonly discord?: { readonly limits: 'off' | 'real'; readonly rooms: readonly RoomName[] };
  /** The value of `commands:` in the configuration. */
  readonly commands?: Readonly<Record<string, unknown>>;
}

/** metasmoke → Lookout, and an undisturbed subscriber. */
export interface Stage {
  readonly rails: RailsServer;
  readonly recorder: Recorder;
  readonly lookout: LookoutProcess;
  readonly outbox: OutboxFile;
  /** The database file. */
  readonly store: string;
  /** Values that must never appear. */
  readonly secrets: readonly string[];
  /** The homeserver's side. Fails if the setting has none. */
  readonly matrix: MatrixSide;
  /** Discord's side. Fails if the setting has none. */
  readonly discord: DiscordChannels;
  /** Resolves when Lookout and the undisturbed subscriber are subscribed to the source (again). */
  untilSubscribed(): Promise<void>;
  /** Emits events; resolves when the undisturbed subscriber has received all of them and Lookout has stored as many. */
  emit(events: readonly WireEvent[]): Promise<void>;
  /** Returns the events that a room must show by now. */
  expected(): readonly Expected[];
  /** Resolves when every delivery is settled. */
  untilSettled(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Sets the stage: a room `marks` shows every event by `mark.hbs`, `looks` shows new rows by Lookout's own templates. */
export async function startStage(setting: Setting): Promise<Stage> {
  requireServers();
  const secrets = ['e2e-key-5d1c0e'];
  const directory = await mkdtemp(join(tmpdir(), 'lookout-e2e-'));
  const stops: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  /** Started in parallel, stopped in any case. */
  const started = async <T extends { stop(): unknown }>(starting: Promise<T>): Promise<T> => {
    const one = await starting;
    stops.push(() => one.stop());
    return one;
  };
  try {
    const [rails, matrix, channels] = await Promise.all([
      started(startRails(secrets[0]!)),
      setting.matrix && started(startMatrixSide(setting.matrix.limits)),
      setting.discord && startDiscordChannels(setting.discord.limits),
    ]);
    if (channels) stops.push(() => channels.double.stop());
    const env: Record<string, string> = { E2E_API_KEY: rails.key };
    const chats: Record<string, object> = {};
    const rooms = new Map<string, RoomName>();
    if (matrix) {
      env.E2E_MATRIX_TOKEN = matrix.bot.token;
      chats.matrix = { homeserver: matrix.proxy.url, token: variable('E2E_MATRIX_TOKEN'), invite: [matrix.reader.id] };
      for (const name of setting.matrix?.rooms ?? [])
        rooms.set(name === 'marks' ? 'matrix:#marks:localhost' : `matrix:${matrix.rooms[name]}`, name);
    }
    if (channels) {
      env.E2E_DISCORD_TOKEN = channels.double.bot.token;
      chats.discord = { api: channels.double.url, token: variable('E2E_DISCORD_TOKEN') };
      for (const name of setting.discord?.rooms ?? []) rooms.set(`discord:${channels.ids[name]}`, name);
    }
    secrets.push(...Object.values(env));
    await mkdir(join(directory, 'my-templates'));
    await writeFile(join(directory, 'my-templates', 'mark.hbs'), markTemplate);
    // JSON is YAML; the configuration in its usual form has its own tests.
    const configuration = {
      source: { url: rails.url, key: variable('E2E_API_KEY') },
      store: 'sqlite:lookout.db',
      greet: 'off',
      chats,
      rooms: Object.fromEntries([...rooms].map(([to, name], index) => [`${name}${index}`, { to, waves: waves[name] }])),
      commands: setting.commands ?? {},
      subscriptions: [...rooms].map(([address, name]) => ({
        rooms: address,
        ...(name === 'marks' ? { events: everything, template: 'mark' } : { events: onlyNew }),
      })),
    };
    await writeFile(join(directory, 'config.yaml'), JSON.stringify(configuration, null, 2));
    const store = join(directory, 'lookout.db');
    const recorder = startRecorder(rails.url, rails.key, everything);
    stops.push(recorder.stop);
    const lookout = startLookout({ config: 'config.yaml', directory, env });
    stops.push(lookout.kill);
    const outbox = openOutboxFile(store);
    const { expected } = expectationOf(recorder.recorded);
    let emitted = 0;
    return {
      rails,
      recorder,
      lookout,
      outbox,
      store,
      secrets,
      get matrix() {
        return orFail(matrix);
      },
      get discord() {
        return orFail(channels);
      },
      async untilSubscribed() {
        const both = async () => ((await rails.health()).subscriptions === 2 ? true : undefined);
        await waitUntil('both subscribers confirmed', both, {
          timeoutMs: PATIENCE_MS,
          describe: () => lookout.said.slice(-10),
        });
      },
      async emit(events) {
        emitted += await rails.emit(events);
        const recorded = () => (recorder.recorded.length >= emitted ? true : undefined);
        await waitUntil('all frames at the undisturbed subscriber', recorded, { timeoutMs: PATIENCE_MS, everyMs: 10 });
        const written = () => (outbox.events() >= expected().length ? true : undefined);
        await waitUntil('as many events in the outbox as were received', written, {
          timeoutMs: PATIENCE_MS,
          everyMs: 20,
          describe: () => [outbox.events(), expected().length, lookout.said.slice(-10)],
        });
      },
      expected,
      async untilSettled(timeoutMs) {
        await waitUntil('all deliveries settled', () => (outbox.unsettled() === 0 ? true : undefined), {
          timeoutMs,
          everyMs: 200,
          describe: () => [outbox.unsettled(), lookout.said.slice(-10)],
        });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function orFail<T>(side: T | undefined): T {
  if (side === undefined) throw new Error('the setting has no such chat');
  return side;
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LookoutProcess, startLookout } from '../../support/lookout-process.ts';
import { type HoldingProxy, startHoldingProxy } from './holding-proxy.ts';
import type { MatrixUser } from './matrix-user.ts';
import { requireServers } from './needs.ts';
import { type Expected, expectationOf, type Shown } from './oracle.ts';
import { type OutboxFile, openOutboxFile } from './outbox-file.ts';
import { type RailsServer, startRails, type WireEvent } from './rails-server.ts';
import { type Recorder, startRecorder } from './recorder.ts';
import { models } from './rows.ts';
import { type Limits, startSynapse } from './synapse-server.ts';
import { waitUntil } from './wait-until.ts';

/** Every model, every type. */
const everything = models.map((model) => (model === 'ref' ? 'ref#update' : `${model}#create,update,destroy`)).join(';');

/** Each model once or twice, for the room where only the looks matter: a homeserver takes some 30 messages a second. */
const onlyNew = models.map((model) => (model === 'ref' ? 'ref#update' : `${model}#create`)).join(';');

/** Shows what a reader needs to know an event again; the oracle's `markOf` says the same. */
const markTemplate = 'mark|{{event.class}}|{{event.type}}|{{object.id}}|{{object.updated_at}}|{{object.e2e}}\n';

/** How the configuration names a value of the environment. */
const variable = (name: string) => `\${${name}}`;

export type RoomName = 'marks' | 'looks';

/** metasmoke → Lookout → Matrix with real servers at both ends, an undisturbed subscriber beside and a reader behind. */
export interface Stage {
  readonly rails: RailsServer;
  readonly recorder: Recorder;
  readonly lookout: LookoutProcess;
  /** Between Lookout and the homeserver. */
  readonly proxy: HoldingProxy;
  readonly outbox: OutboxFile;
  /** The database file. */
  readonly store: string;
  /** The reader's account, which is not Lookout's. */
  readonly reader: MatrixUser;
  /** Values that nobody may see. */
  readonly secrets: readonly string[];
  /** Room ids. `marks` shows every event by `mark.hbs`, `looks` what is new by Lookout's own templates. */
  readonly rooms: Readonly<Record<RoomName, string>>;
  /** Resolves when Lookout and the undisturbed subscriber hear the source (again). */
  untilSubscribed(): Promise<void>;
  /** Emits, and resolves when the undisturbed subscriber has all of it and Lookout has written down as much. */
  emit(events: readonly WireEvent[]): Promise<void>;
  /** What a room must show by now. */
  expected(): readonly Expected[];
  /** The `marks` room as the reader reads it. Reading is work for the homeserver: not more than a few times a second. */
  shown(): Promise<readonly Shown[]>;
  /** Resolves when every delivery is settled. */
  untilSettled(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** Sets the stage: `rooms` says in which rooms Lookout speaks. */
export async function startStage(limits: Limits, rooms: readonly RoomName[]): Promise<Stage> {
  requireServers();
  const secrets = ['e2e-key-5d1c0e'];
  const directory = await mkdtemp(join(tmpdir(), 'lookout-e2e-'));
  const stops: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const [rails, synapse] = await Promise.all([startRails(secrets[0]!), startSynapse(limits)]);
    stops.push(rails.stop, synapse.stop);
    const proxy = await startHoldingProxy(synapse.url);
    stops.push(proxy.stop);
    const bot = await synapse.createUser('lookout');
    const reader = await synapse.createUser('reader');
    secrets.push(bot.token);
    const roomIds = {
      marks: await reader.createRoom({ alias: 'marks', invite: [bot] }),
      looks: await reader.createRoom({ invite: [bot] }),
    };
    const addresses = { marks: 'matrix:#marks:localhost', looks: `matrix:${roomIds.looks}` };
    await mkdir(join(directory, 'templates'));
    await writeFile(join(directory, 'templates', 'mark.hbs'), markTemplate);
    // JSON is YAML; the configuration as people write it has tests of its own.
    const configuration = {
      source: { url: rails.url, key: variable('E2E_API_KEY') },
      store: 'sqlite:lookout.db',
      chats: { matrix: { homeserver: proxy.url, token: variable('E2E_MATRIX_TOKEN'), invite: [reader.id] } },
      rooms: Object.fromEntries(rooms.map((name) => [name, addresses[name]])),
      subscriptions: rooms.map((name) => ({
        rooms: name,
        ...(name === 'marks' ? { events: everything, template: 'mark' } : { events: onlyNew }),
      })),
    };
    await writeFile(join(directory, 'config.yaml'), JSON.stringify(configuration, null, 2));
    const store = join(directory, 'lookout.db');
    const recorder = startRecorder(rails.url, rails.key, everything);
    stops.push(recorder.stop);
    const env = { E2E_API_KEY: rails.key, E2E_MATRIX_TOKEN: bot.token };
    const lookout = startLookout({ config: 'config.yaml', directory, env });
    stops.push(lookout.kill);
    const outbox = openOutboxFile(store);
    const { expected } = expectationOf(recorder.recorded);
    let emitted = 0;
    return {
      rails,
      recorder,
      lookout,
      proxy,
      outbox,
      store,
      reader,
      secrets,
      rooms: roomIds,
      async untilSubscribed() {
        const both = async () => ((await rails.health()).subscriptions === 2 ? true : undefined);
        await waitUntil('both subscribers confirmed', both, {
          timeoutMs: 30_000,
          describe: () => lookout.said.slice(-10),
        });
      },
      async emit(events) {
        emitted += await rails.emit(events);
        const recorded = () => (recorder.recorded.length >= emitted ? true : undefined);
        await waitUntil('all frames at the undisturbed subscriber', recorded, { timeoutMs: 30_000, everyMs: 10 });
        const written = () => (outbox.events() >= expected().length ? true : undefined);
        await waitUntil('as many events in the outbox as were received', written, {
          timeoutMs: 30_000,
          everyMs: 20,
          describe: () => [outbox.events(), expected().length, lookout.said.slice(-10)],
        });
      },
      expected,
      async shown() {
        const messages = await reader.messages(roomIds.marks);
        return messages.map((message) => ({ mark: String(message.content.body).trim(), at: message.origin_server_ts }));
      },
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

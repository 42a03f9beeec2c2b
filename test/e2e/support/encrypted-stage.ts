import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { withinTime } from '../../chaos/within-time.ts';
import { type LookoutProcess, startLookout } from '../../support/lookout-process.ts';
import { PATIENCE_MS } from '../../support/patience.ts';
import { apartFile, type CrashInstant, crashFile } from './crash-files.ts';
import { startHoldingProxy } from './holding-proxy.ts';
import type { MatrixUser } from './matrix-user.ts';
import { requireServers } from './needs.ts';
import { type Expected, expectationOf } from './oracle.ts';
import { type OutboxFile, openOutboxFile } from './outbox-file.ts';
import { type RailsServer, startRails, type WireEvent } from './rails-server.ts';
import { startRecorder } from './recorder.ts';
import { everything } from './rows.ts';
import { isQuiet } from './shown-cards.ts';
import { markTemplate } from './stage.ts';
import { type StrictReader, startStrictReader } from './strict-reader.ts';
import { startSynapse } from './synapse-server.ts';
import { waitUntil } from './wait-until.ts';

const program = fileURLToPath(new URL('crashing-lookout.ts', import.meta.url));

/** The ids of posts that a room shows. */
export const idsOf = {
  cards: [900_000, 1_000_000],
  waves: [1_000_000, 2_000_000],
  talk: [2_000_000, 3_000_000],
} as const;

/** A request to the homeserver at which Lookout is killed, before it arrives or when only its answer is missing. */
export interface AtRequest {
  readonly request: keyof typeof requests;
  readonly when: 'before' | 'after';
  /** The room whose message it is. Default: any. */
  readonly room?: EncryptedRoom;
}

const requests = {
  'PUT /send': /^PUT .*\/send\//,
  'PUT /sendToDevice': /^PUT .*\/sendToDevice\//,
  'POST /keys/query': /^POST .*\/keys\/query/,
  'POST /keys/claim': /^POST .*\/keys\/claim/,
  'GET /sync': /^GET .*\/sync\?/,
};

/** Where Lookout is killed: at an instant of its own, at a request, or after a time, ms. */
export type KillPoint = CrashInstant | AtRequest | { readonly afterMs: number };

/**
 * `marks` shows every event, and those that wait share a message; `singles` shows those of posts, one message each; the
 * others show the posts of a range of ids.
 */
export type EncryptedRoom = 'marks' | 'singles' | 'cards' | 'waves' | 'talk';

/** metasmoke → Lookout → encrypted rooms of a real homeserver, read by a strict client. */
export interface EncryptedStage {
  readonly bot: MatrixUser;
  readonly reader: StrictReader;
  readonly rooms: Readonly<Record<EncryptedRoom, string>>;
  readonly lookout: LookoutProcess;
  readonly outbox: OutboxFile;
  /** The database file. */
  readonly store: string;
  /** Starts another device of the reader's account, signed by the first. */
  startSecondReader(device: string): Promise<StrictReader>;
  /** Emits events when Lookout is subscribed; resolves when it has stored as many as an undisturbed subscriber received. */
  emit(events: readonly WireEvent[]): Promise<void>;
  /** Returns the events that `marks` must show by now. */
  expected(): readonly Expected[];
  /**
   * Kills Lookout at a point to which `cause` brings it, and starts it again. Lookout gets no further before `cause` has
   * ended: a kill loses no event.
   */
  killAt(point: KillPoint, cause: () => Promise<unknown>): Promise<void>;
  /** Number of kills so far. */
  readonly kills: number;
  /** Resolves when every delivery is settled and every card drawn. */
  untilQuiet(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

const key = 'encrypted-key';

/** `apart`: Lookout keeps the state of the encryption apart from the messages, as it must not. */
export async function startEncryptedStage({ apart = false } = {}): Promise<EncryptedStage> {
  requireServers();
  const directory = await mkdtemp(join(tmpdir(), 'lookout-encrypted-'));
  const stops: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async () => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const synapse = await startSynapse('off');
    stops.push(() => synapse.stop());
    const rails = await startRails(key);
    stops.push(() => rails.stop());
    const proxy = await startHoldingProxy(synapse.url);
    stops.push(() => proxy.stop());
    const bot = await synapse.createUser('lookout');
    const user = await synapse.createUser('reader');
    const startReader = async (device: string, signedBy: 'itself' | StrictReader) => {
      const started = await startStrictReader({ synapse, user, device, signedBy });
      stops.push(() => started.stop());
      return started;
    };
    const reader = await startReader('READER', 'itself');
    const rooms = {
      marks: await reader.createRoom({ invite: [bot] }),
      singles: await reader.createRoom({ invite: [bot], rotateAfter: 25 }),
      cards: await reader.createRoom({ invite: [bot] }),
      waves: await reader.createRoom({ invite: [bot] }),
      talk: await reader.createRoom({ invite: [bot] }),
    };
    await mkdir(join(directory, 'my-templates'));
    await writeFile(join(directory, 'my-templates', 'mark.hbs'), markTemplate);
    const configuration = configurationOf({ rails, homeserver: proxy.url, bot, reader: user, rooms });
    await writeFile(join(directory, 'config.yaml'), JSON.stringify(configuration), { mode: 0o600 });
    if (apart) await writeFile(join(directory, apartFile), '');
    const recorder = startRecorder(rails.url, rails.key, everything);
    stops.push(recorder.stop);
    const store = join(directory, 'lookout.db');
    const lookout = startLookout({ config: 'config.yaml', directory, env: {}, program });
    stops.push(lookout.kill);
    const outbox = openOutboxFile(store);
    const { expected } = expectationOf(recorder.recorded);
    const until = <T>(what: string, ask: () => Promise<T | undefined> | T | undefined, timeoutMs = PATIENCE_MS) =>
      waitUntil(what, ask, {
        timeoutMs,
        everyMs: 50,
        describe: () => lookout.said.slice(-10),
      });

    let emitted = 0;
    let kills = 0;
    return {
      ...{ bot, reader, rooms, lookout, outbox, store, expected, stop },
      startSecondReader: (device) => startReader(device, reader),
      async emit(events) {
        await until('both subscribed', async () => ((await rails.health()).subscriptions === 2 ? true : undefined));
        emitted += await rails.emit(events);
        await until('all received', () => (recorder.recorded.length >= emitted ? true : undefined));
        await until('all stored', () => (outbox.events() >= expected().length ? true : undefined));
      },
      async killAt(point, cause) {
        const hold = (request: RegExp, when: 'before' | 'after', what: string) => {
          const held = proxy.holdNext(request, when);
          return async () => {
            await cause();
            await withinTime(what, PATIENCE_MS, lookout.whileRunning(held));
          };
        };
        if (typeof point === 'string') {
          const file = join(directory, crashFile);
          await hold(requests['PUT /send'], 'before', 'a message')();
          await writeFile(file, point);
          proxy.release();
          await until(`the instant ${point}`, () => (existsSync(file) ? undefined : true));
        } else if ('afterMs' in point) {
          await cause();
          await pause(point.afterMs);
        } else {
          const { request, when, room } = point;
          const ofRoom = room && new RegExp(`${rooms[room].slice(1)}.*/send/`);
          await hold(ofRoom ?? requests[request], when, `${when} ${request}`)();
        }
        await lookout.kill();
        kills++;
        proxy.letGo();
        lookout.start();
        // Commands that are written before are not run.
        await lookout.waitForLog(({ msg }) => msg === 'logged in on matrix', 'login on Matrix', PATIENCE_MS);
      },
      get kills() {
        return kills;
      },
      async untilQuiet(timeoutMs) {
        await until('all settled', () => (isQuiet(store) ? true : undefined), timeoutMs);
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function configurationOf(parts: {
  readonly rails: RailsServer;
  readonly homeserver: string;
  readonly bot: MatrixUser;
  readonly reader: MatrixUser;
  readonly rooms: Readonly<Record<EncryptedRoom, string>>;
}): object {
  const { rails, homeserver, bot, reader, rooms } = parts;
  const posts = (room: EncryptedRoom, [from, to]: readonly [number, number], more: object = {}) => ({
    ...{ rooms: room, events: 'posts#create', where: `object.id >= ${from} && object.id < ${to}` },
    ...more,
  });
  return {
    source: { url: rails.url, key: rails.key },
    store: 'sqlite:lookout.db',
    greet: 'off',
    chats: { matrix: { homeserver, token: bot.token, invite: [reader.id] } },
    rooms: {
      marks: { to: `matrix:${rooms.marks}`, waves: { digest_above: 100_000 } },
      singles: { to: `matrix:${rooms.singles}`, waves: 'off' },
      cards: { to: `matrix:${rooms.cards}`, waves: 'off' },
      waves: { to: `matrix:${rooms.waves}`, waves: { digest_above: 20 } },
      talk: { to: `matrix:${rooms.talk}` },
    },
    subscriptions: [
      { rooms: 'marks', events: everything, template: 'mark' },
      { rooms: 'singles', events: 'posts#create,update,destroy', template: 'mark' },
      posts('cards', idsOf.cards, { card: true }),
      posts('waves', idsOf.waves),
      posts('talk', idsOf.talk),
    ],
  };
}

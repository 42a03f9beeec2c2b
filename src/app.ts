import type { Adapter } from './adapters/adapter.ts';
import { createConsoleAdapter } from './adapters/console/console-adapter.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { type DemoSource, startDemo } from './hub/demo.ts';
import type { Log } from './log.ts';
import { endAllClaims } from './outbox/claim.ts';
import { newestPost } from './outbox/enqueue.ts';
import { createOutbox, type Outbox } from './outbox/outbox.ts';
import { countParked, loadSyncPosition, type StoredRoom, saveSyncPosition, storeRooms } from './outbox/rooms.ts';
import type { Safeguards } from './outbox/safeguards.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { createRenderer } from './render/renderer.ts';
import { formatEventSpec } from './router/event-spec.ts';
import { createRouter } from './router/router.ts';
import { watchQuiet } from './source/quiet-watch.ts';
import { createSource, type Source, type SourceState } from './source/source.ts';
import { lockStore } from './store/lock.ts';
import { openStore, type Store } from './store/open-store.ts';
import type { Database } from './store/tables.ts';
import type { Event } from './words.ts';

export interface AppOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Where console rooms are shown. Rejects when nobody reads any more. */
  readonly write: (text: string) => Promise<void>;
  readonly color: boolean;
  /** Into how many columns console rooms are laid out; null where nothing limits them. */
  readonly columns: number | null;
  /** The parts that keep the promises; a test may leave one out. */
  readonly safeguards: Safeguards;
}

/** Why the process should end by itself. */
export interface Ending {
  readonly reason: 'rejected' | 'unread';
  readonly text: string;
}

/** Lookout, built from a configuration and running. */
export interface App {
  /** Resolves only if there is no sense in going on. */
  readonly ending: Promise<Ending>;
  readonly source: Source;
  readonly pipeline: Pipeline;
  readonly outbox: Outbox;
  /** Stops hearing, commits what was heard, lets sends in flight end for at most `graceMs`, closes everything. */
  stop(graceMs: number): Promise<void>;
}

/** Builds every part, connects them and starts. Throws a `StoreError` that a human can act on. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, clock, log, safeguards } = options;
  const storeFile = config.store.kind === 'sqlite' ? config.store.file : ':memory:';
  const unlock = config.store.kind === 'sqlite' ? lockStore(storeFile) : () => {};
  const started: (() => Promise<void>)[] = [async () => unlock()];
  const undo = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const store: Store = await openStore(storeFile);
    started.push(() => store.close());
    const { db } = store;
    await endAllClaims(db);
    const rooms = await storeRooms(db, config.rooms);
    const parked = await countParked(db);
    if (parked > 0)
      log.warn({ parked }, `${parked} deliveries are parked: their rooms are not in ${config.file} any more`);

    const { promise: ending, resolve: end } = Promise.withResolvers<Ending>();
    let outbox: Outbox | undefined;
    const adapters = await createAdapters(options, db, (address) => outbox?.roomChanged('matrix', address));
    for (const adapter of adapters) started.push(() => adapter.stop());
    outbox = createOutbox({
      db,
      rooms,
      adapters,
      render: createRender(options),
      keepMs: config.store.keepMs,
      onAccountBroken(platform) {
        if (platform === 'console' && rooms.every((room) => room.platform === 'console'))
          end({ reason: 'unread', text: 'nobody reads standard output any more, and there is no other room' });
      },
      clock,
      log,
      safeguards,
    });
    const router = createRouter(config.subscriptions);
    const pipeline = createPipeline({
      db,
      source: config.source.name,
      catalogue: config.catalogue,
      router,
      newestPost: await newestPost(db),
      roomId: outbox.roomId,
      wake: outbox.wake,
      clock,
      log,
      safeguards,
    });
    const demo: DemoSource | null =
      config.source.url === 'demo' ? await startDemo({ clock, log, catalogue: config.catalogue }) : null;
    if (demo !== null) started.push(() => demo.stop());
    const upstream = demo ?? { url: config.source.url, key: config.source.key };
    if (upstream.key === null) throw new Error('the configuration let a source without a key through');

    let wasSubscribed = false;
    const onState = (state: SourceState) => {
      if (state.state === 'subscribed') wasSubscribed = true;
      if (state.state === 'rejected' && !wasSubscribed) void endIfNothingWaits(db, upstream.key?.from ?? '', end, log);
    };
    const { name, quietAfterMs } = config.source;
    const quiet = watchQuiet({ name, quietAfterMs, clock, log });
    started.push(async () => quiet.stop());
    const source = createSource({
      name,
      url: upstream.url,
      key: upstream.key,
      events: formatEventSpec(router.union),
      payloadLimitBytes: config.source.payloadLimitBytes,
      clock,
      log,
      onMessage(message) {
        quiet.heard();
        pipeline.receive(message);
      },
      onState,
      onGap: (gap) =>
        log.warn(
          { from: gap.from, reason: gap.reason },
          `events since ${new Date(gap.from).toISOString()} may have been missed: ${gap.reason}`,
        ),
    });
    const running = outbox;
    outbox.start();
    pipeline.start();
    source.start();
    return {
      ending,
      source,
      pipeline,
      outbox,
      async stop(graceMs) {
        const now = new AbortController();
        const cancel = clock.after(graceMs, () => now.abort());
        await source.stop();
        await Promise.all([pipeline.stop(now.signal), running.stop(graceMs)]);
        cancel();
        await undo();
      },
    };
  } catch (err) {
    await undo();
    throw err;
  }
}

async function createAdapters(
  options: AppOptions,
  db: Database,
  onRoomChanged: (roomId: string) => void,
): Promise<Adapter[]> {
  const { config, clock, log } = options;
  const adapters: Adapter[] = [createConsole(options)];
  // Imported only where they are asked for: the libraries take up to half a second to load.
  if (config.chats.discord !== null) {
    const { createDiscordAdapter } = await import('./adapters/discord/discord-adapter.ts');
    adapters.push(createDiscordAdapter({ ...config.chats.discord, clock, log }));
  }
  if (config.chats.matrix === null) return adapters;
  const { createMatrixAdapter } = await import('./adapters/matrix/matrix-adapter.ts');
  const position = {
    load: (account: Parameters<typeof loadSyncPosition>[2]) => loadSyncPosition(db, 'matrix', account),
    save: (account: Parameters<typeof saveSyncPosition>[2], at: string) => saveSyncPosition(db, 'matrix', account, at),
  };
  adapters.push(createMatrixAdapter({ ...config.chats.matrix, clock, log, onRoomChanged, position }));
  return adapters;
}

function createConsole({ write, color, columns }: AppOptions): Adapter {
  return createConsoleAdapter({ write, color, ...(columns !== null && { width: columns }) });
}

function createRender(options: AppOptions) {
  const { config, clock, log } = options;
  const renderer = createRenderer(config.templates);
  const timeZones = new Map(config.rooms.map((room) => [room.address, room.timeZone]));
  return (event: Event, template: string | null, room: StoredRoom) => {
    const timeZone = timeZones.get(room.address) ?? 'UTC';
    const context = { now: clock.now(), room: { name: room.name, platform: room.platform, timeZone } };
    const { message, failure } = renderer.render(event, template, context);
    if (failure !== null)
      log.warn(
        { template, subject: event.subject, err: failure },
        `template ${template ?? event.model} failed on ${event.subject}; the default template was used`,
      );
    return message;
  };
}

async function endIfNothingWaits(
  db: Database,
  keyFrom: string,
  end: (ending: Ending) => void,
  log: Log,
): Promise<void> {
  try {
    const waiting = await db
      .selectFrom('deliveries')
      .select('id')
      .where('state', 'in', ['waiting', 'planned'])
      .limit(1)
      .executeTakeFirst();
    if (waiting === undefined)
      end({
        reason: 'rejected',
        text: `the source refused the key (from ${keyFrom}), and nothing waits to be delivered`,
      });
    else log.warn({}, 'what waits is still delivered; the key is tried again every 5 minutes');
  } catch (err) {
    log.error({ err }, 'it could not be seen whether anything waits');
  }
}

import type { Readable } from 'node:stream';
import { listenForCommandLines } from '../adapters/console/command-lines.ts';
import type { Commands } from '../commands/commands.ts';
import type { Invocation } from '../commands/invocation.ts';
import type { Config, RoomConfig } from '../config/config.ts';
import { type DemoSource, startDemo } from '../hub/demo.ts';
import { createPipeline, type Pipeline } from '../ingest/pipeline.ts';
import { newestPost } from '../ingest/store-event.ts';
import { createDetails, type Details } from '../inputs/details/fetch-details.ts';
import { listGaps } from '../inputs/gaps/gap-rows.ts';
import { createMissed } from '../inputs/gaps/recover-gaps.ts';
import { createSourceNews } from '../inputs/source/outage-watch.ts';
import { watchQuiet } from '../inputs/source/quiet-watch.ts';
import { createSource, type Source, type SourceState } from '../inputs/source/source.ts';
import { sourceText } from '../inputs/source/state-text.ts';
import { type ByTime, createByTime } from '../inputs/timed/timed-events.ts';
import type { Log } from '../log.ts';
import { formatEventSpec } from '../metasmoke/event-spec.ts';
import { tellOfEnd } from '../notices/mute-notice.ts';
import { createOperators } from '../notices/operator-notices.ts';
import { createNeedless } from '../outbox/compose/hold.ts';
import { createOutbox, type Outbox } from '../outbox/outbox.ts';
import { countParked, storeRooms } from '../outbox/rows/rooms.ts';
import { createRenderer } from '../render/renderer.ts';
import { keepMutes } from '../rooms/keep-mutes.ts';
import { createLiveSubscriptions } from '../rooms/live-subscriptions.ts';
import { createMutes } from '../rooms/mutes.ts';
import { listStoredSubscriptions, type StoredSubscription } from '../rooms/stored-subscriptions.ts';
import { createEventCache } from '../store/event-cache.ts';
import { lockStore } from '../store/lock.ts';
import { logFailure } from '../store/log-failure.ts';
import { openStore, type Store } from '../store/open-store.ts';
import { asStoreError } from '../store/store-errors.ts';
import type { Database } from '../store/tables.ts';
import { createTroubleWatch } from '../store/trouble-watch.ts';
import { createWriter } from '../store/writer.ts';
import { platforms } from '../words.ts';
import { createRoomCommands } from './connect-commands.ts';
import { type AdaptersOptions, createAdapters } from './create-adapters.ts';
import { createDraw } from './draw-messages.ts';
import { createMonitoring } from './monitoring.ts';
import type { Safeguards } from './safeguards.ts';

/** `status` tells of gaps of the last day, the newest of them. */
const GAPS_TOLD_MS = 24 * 3_600_000;
const mostGapsTold = 5;

export interface AppOptions extends AdaptersOptions {
  /** Where commands for console rooms are typed; null: nowhere. */
  readonly input: Readable | null;
  /** Lookout's own. */
  readonly version: string;
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

/** Builds every part, connects them and starts. Throws a `StoreError` or `MetricsStartError` that a human can act on. */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, clock, log, safeguards } = options;
  const storeFile = config.store.kind === 'sqlite' ? config.store.file : ':memory:';
  const lock = config.store.kind === 'sqlite' ? lockStore(storeFile) : null;
  const started: (() => Promise<void>)[] = [async () => lock?.release()];
  /** Aborted when nothing more is waited for. */
  const hurry = new AbortController();
  const watch = createTroubleWatch({ file: storeFile, clock, log });
  const undo = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const store: Store = await openStore(storeFile, { clock, hurry: hurry.signal, watch });
    started.push(() => store.close());
    const { db } = store;
    const writer = createWriter(db, clock);
    const events = createEventCache(db);
    await lock?.register(db);
    started.push(async () =>
      lock?.strikeOff(db).catch((err) => logFailure(log, err, {}, 'the lock could not be given back')),
    );
    const stored = await listStoredSubscriptions(db);
    const rooms = await storeRooms(db, allRooms(config, stored));
    const parked = await countParked(db);
    if (parked > 0)
      log.warn({ parked }, `${parked} deliveries are parked: their rooms are not in ${config.file} any more`);

    const { promise: ending, resolve: end } = Promise.withResolvers<Ending>();
    let outbox: Outbox | undefined;
    let commands: Commands | undefined;
    let details: Details | undefined;
    const run = async (invocation: Invocation) => (await commands?.run(invocation)) ?? null;
    const monitoring = await createMonitoring(options);
    const uncounted = await createAdapters(options, db, {
      onRoomChanged: (address) => outbox?.roomChanged('matrix', address),
      onRoomReplaced: async (from, to) => outbox?.roomReplaced('matrix', from, to),
      run,
      ignores: (platform, asker) => commands?.ignores(platform, asker) ?? false,
      keeper: (platform) => outbox?.accounts.find(({ adapter }) => adapter.platform === platform),
      complete: async (completion) => (await commands?.complete(completion)) ?? [],
      table: () => commands?.table ?? [],
      onInvalidRequest: monitoring.invalidRequest,
    });
    const adapters = uncounted.map(monitoring.counted);
    for (const adapter of adapters) started.push(() => adapter.stop());
    const renderer = createRenderer(config.templates);
    let holdsFailed = 0;
    const mutes = createMutes({ db, catalogue: config.catalogue, onEnd: tellOfEnd, log });
    await mutes.load();
    const operators = createOperators({
      db,
      roomId: () => (config.operators === null ? undefined : outbox?.roomId(config.operators)),
      wake: (ids) => outbox?.wake(ids),
      clock,
      log,
    });
    started.push(() => operators.settled());
    outbox = createOutbox({
      db,
      writer,
      events,
      rooms,
      adapters,
      storedUntil: () => pipeline.storedUntil(),
      draw: createDraw({ config, db, renderer, clock, log }),
      needless: createNeedless({
        db,
        clock,
        log,
        onFailed() {
          holdsFailed++;
        },
      }),
      isPaused: (roomId, now) => mutes.holding(roomId).some(({ events, until }) => events === null && until > now),
      async mutedBy(roomId, event, now) {
        if (mutes.holding(roomId).length === 0) return null;
        const mute = mutes.judge(roomId, await event(), now);
        return mute === null ? null : String(mute.id);
      },
      wavesOf: ({ address }) => config.rooms.find((room) => room.address === address)?.waves ?? null,
      keepMs: config.store.keepMs,
      tell: (cause, text) => operators.tell(cause, text),
      onAccountBroken(platform, reason) {
        operators.tell(`${platform} broken`, `${platform} takes nothing from us: ${reason}. Its rooms wait.`);
        if (platform === 'console' && rooms.every((room) => room.platform === 'console'))
          end({ reason: 'unread', text: 'nobody reads standard output any more, and there is no other room' });
      },
      clock,
      log,
      safeguards,
    });
    const known = new Set(rooms.map((room) => room.address));
    for (const { id, address, events } of stored.filter((one) => !known.has(one.address)))
      log.warn(
        { subscription: id, room: address },
        `subscription ${id} (${events}) was made by a command in ${address}, which is no room of ${config.file} any more: it does nothing, unless the room is there under another address; then it holds from the next start on`,
      );
    const live = createLiveSubscriptions({
      fromFile: config.subscriptions,
      stored: stored.filter((subscription) => known.has(subscription.address)),
      catalogue: config.catalogue,
      log,
    });
    const { router } = live;
    let byTime: ByTime | undefined;
    const pipeline = createPipeline({
      db,
      events,
      source: config.source.name,
      catalogue: config.catalogue,
      router,
      priority: config.priority,
      quotaBelow: config.derived.quotaBelow,
      newestPost: await newestPost(db),
      roomId: outbox.roomId,
      wake(ids) {
        outbox?.wake(ids);
        details?.look();
      },
      onReceived(event) {
        monitoring.received(event);
        byTime?.received(event);
      },
      onPressure: (isFull) => source.hold(isFull),
      onDropped: ({ from, count }) =>
        missed.gap({ from, reason: `${count} events came faster than they could be stored` }),
      hasApi: config.source.api !== null,
      clock,
      log,
      safeguards,
    });
    const timed = createByTime({
      db,
      source: config.source.name,
      lingeringAfterMs: config.derived.lingeringAfterMs,
      fetches: config.source.api !== null,
      router,
      pipeline,
      clock,
      log,
    });
    byTime = timed;
    started.push(() => timed.stop());
    await timed.start();
    const demo: DemoSource | null =
      config.source.url === 'demo' ? await startDemo({ clock, log, catalogue: config.catalogue }) : null;
    if (demo !== null) started.push(() => demo.stop());
    const upstream = demo ?? { url: config.source.url, key: config.source.key };
    if (upstream.key === null) throw new Error('the configuration let a source without a key through');

    const sourceNews = createSourceNews({
      name: config.source.name,
      lostAfterMs: config.derived.lostAfterMs,
      tell: operators.tell,
      onLost: timed.lost,
      onHeard: timed.heard,
      clock,
    });
    started.push(async () => sourceNews.stop());
    let wasSubscribed = false;
    let lastEventAt: number | null = null;
    const onState = (state: SourceState) => {
      sourceNews.became(state);
      timed.became(state);
      if (state.state === 'subscribed') {
        if (!wasSubscribed) missed.beforeStart();
        wasSubscribed = true;
      }
      if (state.state === 'rejected' && !wasSubscribed) void endIfNothingWaits(db, upstream.key?.from ?? '', end, log);
    };
    const { name, quietAfterMs } = config.source;
    const asking = createDetails({ config, db, pipeline, wake: outbox.wake, clock, log });
    details = asking;
    started.push(() => asking.stop());
    const missed = await createMissed({
      config,
      db,
      router,
      pipeline,
      tell: operators.tell,
      wake: outbox.wake,
      refreshCards: asking.refresh,
      clock,
      log,
    });
    // Ended before it began: nothing was heard that could be noted.
    started.push(() => missed.stop(AbortSignal.abort()));
    const quiet = watchQuiet({ name, quietAfterMs, onQuiet: missed.quiet, clock, log });
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
        lastEventAt = clock.now();
        pipeline.receive(message);
      },
      onState,
      onGap: missed.gap,
    });
    const running = outbox;
    commands = createRoomCommands({
      config,
      db,
      live,
      mutes,
      outbox,
      renderer,
      ask: source.ask,
      status: () => ({
        source: sourceText(source.state, name),
        lastEventAt,
        events: pipeline.counts.received,
        version: options.version,
        gaps: () => listGaps(db, clock.now() - GAPS_TOLD_MS, mostGapsTold),
      }),
      now: () => clock.now(),
      log,
    });
    const keeper = keepMutes({
      db,
      mutes,
      quiet: rooms.flatMap((room) => {
        const { quiet: hours = [], timeZone = 'UTC' } =
          config.rooms.find(({ address }) => address === room.address) ?? {};
        return hours.length === 0 ? [] : [{ roomId: () => running.roomId(room.address) ?? room.id, hours, timeZone }];
      }),
      wake: running.wake,
      clock,
      log,
    });
    started.push(() => keeper.stop());
    await keeper.begun;
    const lines = listenForCommandLines({
      input: options.input,
      rooms: rooms.flatMap(({ platform, address }) =>
        platform === 'console' ? [address.slice('console:'.length)] : [],
      ),
      run,
      write: options.write,
      color: options.color,
      width: options.columns ?? 100,
      clock,
    });
    started.push(() => lines.stop());
    const { counts } = pipeline;
    const rowsFetched = () => missed.rowsFetched;
    const failedReadings = () => missed.failedReadings;
    started.push(() => monitoring.stop());
    await monitoring.start(
      {
        ...{ source, counts, outbox, mutes, lastEventAt: () => lastEventAt },
        ...{ rowsFetched, failedReadings, holdsFailed: () => holdsFailed },
      },
      db,
    );
    watch.begin();
    outbox.start();
    pipeline.start();
    asking.start();
    missed.start(source);
    source.start();
    return {
      ending,
      source,
      pipeline,
      outbox,
      async stop(graceMs) {
        const now = new AbortController();
        const cancel = clock.after(graceMs, () => {
          now.abort();
          hurry.abort();
        });
        // All at once: what is fetched waits until the pipeline has it, and that until the store takes it.
        await Promise.all([
          source.stop(),
          missed.stop(now.signal),
          asking.stop(),
          timed.stop(),
          pipeline.stop(now.signal),
          running.stop(graceMs),
        ]);
        // What missed and timed gave last.
        await pipeline.idle();
        cancel();
        hurry.abort();
        await undo();
      },
    };
  } catch (err) {
    hurry.abort();
    await undo();
    throw asStoreError(storeFile, err);
  }
}

/** Those of the configuration, and, where it allows any, those that commands made. */
function allRooms(
  { rooms, commands }: Config,
  stored: readonly StoredSubscription[],
): readonly Pick<RoomConfig, 'name' | 'address' | 'platform'>[] {
  if (commands.rooms === 'listed') return rooms;
  const all = new Map<string, Pick<RoomConfig, 'name' | 'address' | 'platform'>>(
    rooms.map((room) => [room.address, room]),
  );
  for (const { address } of stored) {
    const platform = platforms.find((each) => address.startsWith(`${each}:`));
    if (platform !== undefined && !all.has(address)) all.set(address, { name: address, address, platform });
  }
  return [...all.values()];
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
    logFailure(log, err, {}, 'it could not be seen whether anything waits');
  }
}

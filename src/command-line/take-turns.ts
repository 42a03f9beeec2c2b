import type { AppOptions, Ending } from '../app/options.ts';
import { standBy } from '../app/stand-by.ts';
import { type App, startApp } from '../app/start-app.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import { isConnectionLost } from '../store/postgres/errors.ts';
import type { Lease } from '../store/postgres/lease.ts';
import type { WaitOptions } from '../store/postgres/take-lease.ts';
import type { ExitCode } from './terminal.ts';

/** Time for a send in flight to end, ms; none without the lease, since it may not be stored any more. */
const NO_GRACE_MS = 0;

/** Waits for the lease on a PostgreSQL database. Returns null if the signal is aborted before. */
export type WaitForLease = (options: WaitOptions, signal: AbortSignal) => Promise<Lease | null>;

/** Loads the driver of PostgreSQL only if it is needed. */
export const waitForLease: WaitForLease = async (options, signal) =>
  (await import('../store/postgres/take-lease.ts')).waitForLease(options, signal);

export interface Turns {
  /** Aborted by a signal that ends the process. */
  readonly signal: AbortSignal;
  /** Called when this process stands by or works; `app` is null while it stands by. */
  readonly onTurn: (app: App | null) => void;
  readonly waitForLease: WaitForLease;
}

/** The end of the last turn; `app` runs still. */
export interface Ended {
  readonly code: ExitCode;
  readonly ending: Ending | null;
  readonly app: App | null;
}

/**
 * Runs Lookout until a signal, or until it cannot continue. With a database on PostgreSQL one of several processes works and the others
 * stand by: each waits for the lease, works until it is lost, and waits again.
 */
export async function takeTurns(options: AppOptions, turns: Turns): Promise<Ended> {
  const { signal, onTurn } = turns;
  const signalled = new Promise<'signal'>((resolve) => signal.addEventListener('abort', () => resolve('signal')));
  let { config } = options;
  for (let isFirst = true; ; isFirst = false) {
    const lease = await leaseFor(config, { ...options, isFirst }, turns);
    if (lease === 'none') return { code: 0, ending: null, app: null };
    if (lease !== null) options.log.info({ epoch: lease.epoch }, 'this process works from now on; the others stand by');
    // It may have changed while this process stood by.
    if (lease !== null) config = { ...(options.readConfig?.().config ?? config), store: config.store };
    const clock = lease?.clock ?? options.clock;
    const started = startApp({ ...options, clock, config: onlyWith(lease, config), lease });
    const app = lease === null ? await started : await unlessDatabaseAway(started, lease, options.log);
    if (app === null) continue;
    onTurn(app);
    const end = await Promise.race([
      signalled,
      app.ending,
      ...(lease === null ? [] : [lease.lost.then(() => 'lost' as const)]),
    ]);
    if (end === 'signal') return { code: 0, ending: null, app };
    if (end !== 'lost') return { code: 1, ending: end, app };
    options.log.error(
      { epoch: lease?.epoch },
      'the lease on the database is lost: this process stops working and stands by',
    );
    await app.stop(NO_GRACE_MS);
    config = app.base.config();
  }
}

/** Waits for the lease. Returns null for a store that needs none, and `none` if a signal came first. */
async function leaseFor(
  config: Config,
  { clock, log, isFirst }: AppOptions & { readonly isFirst: boolean },
  { signal, onTurn, waitForLease }: Turns,
): Promise<Lease | null | 'none'> {
  const { store } = config;
  if (store.kind !== 'postgres') return null;
  const standing = await standBy(config, log);
  onTurn(null);
  const lease = await waitForLease({ address: store.address, clock, log, isFirst }, signal).finally(() =>
    standing.stop(),
  );
  return lease ?? 'none';
}

/** Returns null if the database went away while the app started, or another process took it over. */
async function unlessDatabaseAway(started: Promise<App>, lease: Lease, log: Log): Promise<App | null> {
  try {
    return await started;
  } catch (err) {
    if (lease.isHeld() && !isAway(err)) throw err;
    log.error({ err }, 'the database went away during the start: this process stands by');
    await lease.release();
    return null;
  }
}

function isAway(error: unknown): boolean {
  return error instanceof Error && (isConnectionLost(error) || isAway(error.cause));
}

/** Lets no request leave without the lease: the last look is behind the connection, before the first byte. */
function onlyWith(lease: Lease | null, config: Config): Config {
  return lease === null ? config : { ...config, network: { ...config.network, mayWrite: lease.isHeld } };
}

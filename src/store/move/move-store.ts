import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../time/clock.ts';
import type { SchemaChange } from '../migrations.ts';
import { mayExist, placeOf, type StorePlace } from '../place.ts';
import { asStoreError, StoreError } from '../store-errors.ts';
import { troubleOf } from '../trouble.ts';
import { Digest, type Summary } from './digest.ts';
import { orderTables } from './order-tables.ts';
import type { Row, Shape, Side, Source, Target } from './side.ts';

/** The step of a move at this moment. */
export type MoveStep =
  /** Another process has, or had until it was killed, the lease on a PostgreSQL database. */
  | { readonly step: 'waiting'; readonly holder: string }
  | { readonly step: 'updated'; readonly schema: SchemaChange }
  /** `rows` of the `of` rows of one table; `share`: the part of all rows of all tables, 0 to 1. */
  | {
      readonly step: 'copying' | 'checking';
      readonly table: string;
      readonly rows: number;
      readonly of: number;
      readonly share: number;
    }
  | { readonly step: 'completing' };

export interface MoveOptions {
  readonly from: StorePlace;
  readonly to: StorePlace;
  readonly clock: Clock;
  /** Aborted to give the move up. */
  readonly stop: AbortController;
  readonly report: (step: MoveStep) => void;
}

/** The tables that have rows, with their numbers and hashes, which are the same on both sides. */
export type Moved = ReadonlyMap<string, Summary>;

/**
 * Moves everything from one store into another, which is empty. Both are held for the whole time, so that nothing else
 * works on them. What was written is kept only if it was then read back the same; until then the target stays empty, and the move can
 * begin again. Throws a `StoreError` with advice for the operator.
 */
export async function moveStore(options: MoveOptions): Promise<Moved> {
  const { from, to, stop, report } = options;
  // Before anything is made in the target.
  if (!mayExist(from)) throw new StoreError(`${placeOf(from)} does not exist: there is nothing to move`);
  // What cannot be the target is refused before the source is touched. To update and count a large file may take longer than a
  // lease, which is therefore taken after it.
  await explained(to, stop, async () => (await openTarget(options)).close());
  const source = await explained(from, stop, () => openSource(options));
  try {
    const { before, now } = source.schema;
    if (before !== now) report({ step: 'updated', schema: source.schema });
    const counts = await explained(from, stop, () => countAll(source));
    const target = await explained(to, stop, () => openTarget(options));
    try {
      return await explained(to, stop, () => move({ ...options, source, target, counts }));
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function countAll(source: Source): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const shape of source.shapes) counts.set(shape.name, await source.count(shape));
  return counts;
}

async function openSource({ from, ...rest }: MoveOptions) {
  if (from.kind === 'sqlite') return (await import('./sqlite-side.ts')).openSqliteSource(from.file);
  return (await import('./postgres-side.ts')).openPostgresSource({ ...rest, address: from.address });
}

async function openTarget({ to, ...rest }: MoveOptions): Promise<Target> {
  if (to.kind === 'sqlite') return (await import('./sqlite-side.ts')).openSqliteTarget(to.file);
  return (await import('./postgres-side.ts')).openPostgresTarget({ ...rest, address: to.address });
}

/** A connection that was cut because of the stop fails in many ways: the reason is the stop. */
async function explained<T>(place: StorePlace, { signal }: AbortController, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (err) {
    throw signal.aborted ? signal.reason : refusal(placeOf(place), err);
  }
}

/** Returns the error for the operator if a database refused something, for example a text that its index cannot hold. */
function refusal(place: string, error: unknown): unknown {
  const { code, detail } = error as { code?: unknown; detail?: unknown };
  // The codes of PostgreSQL, which have five characters, and of node:sqlite.
  const isRefused = error instanceof Error && /^(?:[0-9A-Z]{5}|ERR_SQLITE_ERROR)$/.test(String(code));
  if (!isRefused || troubleOf(error) !== null) return asStoreError(place, error);
  const more = typeof detail === 'string' ? `; ${detail}` : '';
  return new StoreError(`${place} does not take a row (${error.message}${more}): nothing of it was kept`, {
    cause: error,
  });
}

async function move(options: Omit<Parts, 'shapes'>): Promise<Moved> {
  const { source, target, report, stop } = options;
  const parts = { ...options, shapes: sameShapes(source.shapes, target.shapes) };
  const moved = await copyAll(parts);
  report({ step: 'completing' });
  await target.complete(await source.lastIds());
  await check(parts, moved);
  stop.signal.throwIfAborted();
  await target.keep();
  return moved;
}

interface Parts extends MoveOptions {
  readonly source: Source;
  readonly target: Target;
  /** All tables, those that others need first. */
  readonly shapes: readonly Shape[];
  /** The number of rows of each. */
  readonly counts: ReadonlyMap<string, number>;
}

async function copyAll(parts: Parts): Promise<Moved> {
  const { source, target, shapes, counts } = parts;
  const reader = new Reader(parts, { step: 'copying', side: source, place: placeOf(parts.from) });
  const moved = new Map<string, Summary>();
  for (const shape of shapes.filter(({ name }) => counts.get(name) !== 0)) {
    const digest = new Digest();
    await target.write(shape, reader.rows(shape, digest));
    moved.set(shape.name, digest.summary());
  }
  return moved;
}

/** Reads everything back. Throws a `StoreError` if it is not what was written. */
async function check(parts: Parts, moved: Moved): Promise<void> {
  const place = placeOf(parts.to);
  const reader = new Reader(parts, { step: 'checking', side: parts.target, place });
  const nothing = new Digest().summary();
  const different: string[] = [];
  for (const shape of parts.shapes) {
    const digest = new Digest();
    for await (const _ of reader.rows(shape, digest));
    const difference = compare(shape.name, moved.get(shape.name) ?? nothing, digest.summary());
    if (difference !== null) different.push(difference);
  }
  if (different.length > 0)
    throw new StoreError(
      `${place} does not hold what was written to it (${different.join('; ')}): nothing of it was kept. This is a bug of ` +
        'Lookout or of the database: please report it',
    );
}

interface Reading {
  readonly step: 'copying' | 'checking';
  readonly side: Side;
  readonly place: string;
}

/** Reads all tables of a side, one after the other, and reports how far it is. */
class Reader {
  readonly #parts: Parts;
  readonly #reading: Reading;
  readonly #all: number;
  #read = 0;

  constructor(parts: Parts, reading: Reading) {
    this.#parts = parts;
    this.#reading = reading;
    this.#all = [...parts.counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Hands on the rows of a table, and adds them to the digest. */
  async *rows(shape: Shape, digest: Digest): AsyncIterable<readonly Row[]> {
    const { stop, report, counts } = this.#parts;
    const { step, side, place } = this.#reading;
    const of = counts.get(shape.name) ?? 0;
    try {
      for await (const batch of side.rows(shape)) {
        stop.signal.throwIfAborted();
        for (const row of batch) digest.add(row);
        this.#read += batch.length;
        report({ step, table: shape.name, rows: digest.rows, of, share: this.#read / this.#all });
        // Renewals of a lease and signals come in between.
        await setImmediate();
        yield batch;
      }
    } catch (err) {
      throw asStoreError(place, err);
    }
  }
}

function compare(table: string, read: Summary, found: Summary): string | null {
  if (read.rows !== found.rows) return `${table}: ${read.rows} rows were read and ${found.rows} are there`;
  return read.hash === found.hash ? null : `${table}: a row differs`;
}

/** Returns the tables, those that others need first. Throws if the two sides do not have the same: both had all migrations. */
function sameShapes(ones: readonly Shape[], others: readonly Shape[]): readonly Shape[] {
  const text = (shapes: readonly Shape[]) => shapes.map(({ name, columns }) => JSON.stringify([name, columns]));
  const [here, there] = [text(ones), text(others)];
  const odd = here.filter((one) => !there.includes(one)).concat(there.filter((one) => !here.includes(one)));
  if (odd.length > 0) throw new Error(`the two databases do not have the same tables: ${odd.join(', ')}`);
  return orderTables(ones);
}

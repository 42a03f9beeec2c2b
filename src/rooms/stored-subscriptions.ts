import type { Catalogue } from '../catalogue/catalogue.ts';
import { parseEventSpec } from '../catalogue/event-spec.ts';
import { compileCondition } from '../router/condition.ts';
import type { Subscription } from '../router/router.ts';
import { modelsOf } from '../router/spec-models.ts';
import { noOptions } from '../router/subscription-options.ts';
import type { Database, Trx } from '../store/tables.ts';

/** A subscription made by a command. */
export interface StoredSubscription {
  readonly id: string;
  /** The room's written address. */
  readonly address: string;
  /** An event spec. */
  readonly events: string;
  readonly where: string | null;
  readonly template: string | null;
  readonly author: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
}

/** Returns all subscriptions made by commands, oldest first. */
export async function listStoredSubscriptions(db: Pick<Database, 'selectFrom'>): Promise<StoredSubscription[]> {
  const rows = await db.selectFrom('subscriptions').selectAll().orderBy('seq').execute();
  return rows.map(({ seq: _, created_at, ...row }) => ({ ...row, createdAt: created_at }));
}

export async function insertSubscription(trx: Trx, subscription: StoredSubscription): Promise<void> {
  const { createdAt, ...row } = subscription;
  await trx
    .insertInto('subscriptions')
    .values({ ...row, created_at: createdAt })
    .execute();
}

export async function deleteSubscription(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('subscriptions').where('id', '=', id).execute();
}

/** Compiles a stored subscription for the router, or returns the reason why this version cannot. */
export function compileStored(stored: StoredSubscription, catalogue: Catalogue): Subscription | string {
  const events = parseEventSpec(stored.events, catalogue);
  if (events.outcome === 'problems') return events.problems[0]!.wrong;
  const { id, address, template } = stored;
  const subscription = { id, events: events.spec, where: null, rooms: [address], template, options: noOptions };
  if (stored.where === null) return subscription;
  const models = modelsOf(events.spec, catalogue);
  const compiled = compileCondition(stored.where, models);
  if (compiled.outcome === 'problems') return compiled.problems[0]!.wrong;
  return { ...subscription, where: compiled.condition };
}

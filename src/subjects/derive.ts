import type { ModelInfo } from '../catalogue/catalogue.ts';
import { happenedAt } from '../catalogue/event-time.ts';
import type { Identity } from '../catalogue/identity.ts';
import { silentAfterSeconds } from '../catalogue/silent-after.ts';
import { postIdOf } from '../catalogue/subject.ts';
import { timeOf } from '../text/json.ts';
import type { DerivedType, Event, EventObject } from '../words.ts';
import { isFetchedReport } from './order.ts';
import {
  countVotes,
  deletionUncertainty,
  isDisputed,
  isDoubted,
  isFalsePositive,
  type PostState,
  secondsAfterReport,
} from './post-state.ts';

/** A derived event with its identity, by which it is stored once. */
export interface Derived {
  readonly event: Event;
  readonly identity: Identity;
}

/** The event from which another is derived, and its identity. */
export interface Trigger {
  readonly event: Event;
  /** The key of its identity. */
  readonly key: string;
}

/** The model of the events that are derived from the state of a post: that of its report. */
export type ReportModel = Pick<ModelInfo, 'name' | 'class' | 'fields' | 'derivedFields'>;

/** Conditions of a post that give an event the first time they become true. */
const facts: readonly (readonly [type: DerivedType, isSo: (state: PostState) => boolean])[] = [
  ['confirmed', (state) => countVotes(state).tp > 0],
  ['disputed', isDisputed],
  ['false_positive', isFalsePositive],
  ['autoflagged_false_positive', (state) => state.isAutoflagged && isFalsePositive(state)],
  ['flagged_not_spam', (state) => state.isAutoflagged && isDoubted(state)],
];

/** The types that come once for a post, whatever reports of it there are. */
export const once: ReadonlySet<DerivedType> = new Set([...facts.map(([type]) => type), 'autoflagged'] as const);

/** Returns the changes of a post between two states; none after its report was removed. Pure. */
function changesOf(before: PostState, after: PostState, event: Event): readonly DerivedType[] {
  if (after.fate === 'removed') return [];
  return [
    ...(wasDeleted(before, after, event) ? (['deleted'] as const) : []),
    ...(wasUndeleted(before, after) ? (['undeleted'] as const) : []),
    ...(wasAutoflagged(before, after, event) ? (['autoflagged'] as const) : []),
    ...facts.filter(([, isSo]) => isSo(after) && !isSo(before)).map(([type]) => type),
  ];
}

function wasDeleted(before: PostState, after: PostState, event: Event): boolean {
  if (after.fate !== 'deleted' || before.fate !== 'stands') return false;
  return !saysOldNews(before, after.deletedAt, event);
}

/**
 * Returns true if an update is the first row of a post that is known, and says what happened long before it: the post was
 * reported before the first start, or its report was missed. `since`: Unix milliseconds.
 */
function saysOldNews(before: PostState, since: number | null, event: Event): boolean {
  if (event.role !== 'report' || event.type !== 'update' || Object.keys(before.row).length > 0) return false;
  return since !== null && (happenedAt(event) ?? event.receivedAt) - since > OLD_NEWS_MS;
}

/** Age from which what an update says of an unknown post is not news, ms. An update may come before its create. */
const OLD_NEWS_MS = 5 * 60_000;

/**
 * Returns true if the post was undeleted. For a post seen for the first time, an undeletion log implies an earlier
 * deletion.
 */
function wasUndeleted(before: PostState, after: PostState): boolean {
  if (after.fate !== 'stands') return false;
  const wasUnknown = Object.keys(before.row).length === 0 && before.deletions.length === 0;
  return before.fate === 'deleted' || (wasUnknown && after.deletions.at(-1)?.isDeleted === false);
}

/**
 * Returns true if the first autoflag of a post was cast. The row of a fetched report says so as well, but not when: the
 * fetched flag logs, which come after it, do (`autoflaggedByRow` if there are none).
 */
function wasAutoflagged(before: PostState, after: PostState, event: Event): boolean {
  if (after.counts.auto > 0 && before.counts.auto === 0) return true;
  // Autoflags are cast within moments of the report.
  const isOld = saysOldNews(before, after.reportedAt, event);
  return after.isAutoflagged && !before.isAutoflagged && !isFetchedReport(event) && !isOld;
}

/**
 * Returns the events derived from a change of a post: what is new to each of the states before. Those that come once are
 * identified by the post, the others by their trigger. Pure.
 */
export function derivedOfPost(
  before: readonly PostState[],
  after: PostState,
  trigger: Trigger,
  report: ReportModel,
): readonly Derived[] {
  const { event, key } = trigger;
  const changes = before.map((one) => changesOf(one, after, event));
  const types = changes[0]?.filter((type) => changes.every((some) => some.includes(type))) ?? [];
  return types.map((type) => {
    const at = whenTrue(type, after, event);
    const updatedAt = event.origin === 'backfilled' ? isoOf(at) : event.updatedAt;
    return ofPost(type, after, { ...event, report }, { at, updatedAt, key: once.has(type) ? [] : [key] });
  });
}

/**
 * Returns when a derived event became true, Unix milliseconds; null if that is unknown: a fetched report says what is so
 * by now, and a fetched row may have no time.
 */
function whenTrue(type: DerivedType, { deletedAt }: PostState, event: Event): number | null {
  if (type === 'deleted') return deletedAt;
  if (event.origin === 'backfilled') return isFetchedReport(event) ? null : happenedAt(event);
  return happenedAt(event) ?? event.receivedAt;
}

const isoOf = (unixMs: number | null) => (unixMs === null ? null : new Date(unixMs).toISOString());

/** Returns the event that a post still stands. `now`: Unix milliseconds. Pure. */
export function lingering(
  about: Pick<AboutPost, 'source' | 'subject' | 'report'>,
  state: PostState,
  now: number,
): Derived {
  return ofPost('lingering', state, { ...about, receivedAt: now }, { at: now, updatedAt: null, key: [] });
}

/** Returns the event that a post was autoflagged, of which no flag log was received. `now`: Unix milliseconds. Pure. */
export function autoflaggedByRow(
  about: Pick<AboutPost, 'source' | 'subject' | 'report'>,
  state: PostState,
  now: number,
): Derived {
  const at = state.flags.find(({ kind }) => kind === 'auto')?.at ?? null;
  return ofPost('autoflagged', state, { ...about, receivedAt: now }, { at, updatedAt: isoOf(at), key: [] });
}

interface AboutPost extends Pick<Event, 'source' | 'subject' | 'receivedAt'> {
  readonly report: ReportModel;
}

interface DerivedAs {
  /** When it became true, Unix milliseconds; null: unknown. */
  readonly at: number | null;
  /** Its `updated_at`. */
  readonly updatedAt: string | null;
  /** Tells it from others of the same post and type. */
  readonly key: readonly string[];
}

function ofPost(
  type: DerivedType,
  state: PostState,
  { source, subject, receivedAt, report }: AboutPost,
  { at, updatedAt, key }: DerivedAs,
): Derived {
  const rowId = postIdOf(subject);
  const { tp, fp, naa } = countVotes(state);
  const object: EventObject = {
    id: Number(rowId),
    ...Object.fromEntries(
      Object.entries(state.row).filter(([column]) => !(column in report.fields) || column in report.derivedFields),
    ),
    after: secondsAfterReport(state, at),
    deleted_after: secondsAfterReport(state, state.deletedAt),
    uncertainty: deletionUncertainty(state),
    tp,
    fp,
    naa,
  };
  const event = {
    source,
    model: report.name,
    class: report.class,
    role: 'report',
    type,
    rowId,
    subject,
    updatedAt,
    receivedAt,
  } as const;
  return derived({ ...event, object }, key);
}

/** Completes a derived event; `key` distinguishes two of the same type and row. */
function derived(event: Omit<Event, 'origin'>, key: readonly (string | null)[]): Derived {
  const parts = ['derived', event.source, event.model, event.rowId, event.type, ...key];
  return {
    event: { ...event, origin: 'derived' },
    identity: { key: JSON.stringify(parts), forgetAfterMs: null },
  };
}

/** A detector in the state of its newest ping. */
export interface Detector extends Pick<Event, 'source' | 'model' | 'class' | 'role' | 'subject'> {
  readonly rowId: string;
  readonly row: EventObject;
}

/**
 * Returns the event that a detector is silent, or null: it is on standby, or its newest ping is recent. `now`: Unix
 * milliseconds. Pure.
 */
export function silence({ row, ...detector }: Detector, now: number): Derived | null {
  const lastPing = timeOf(row.last_ping);
  if (row.is_standby === true || lastPing === null || now - lastPing <= silentAfterSeconds * 1_000) return null;
  const object = { ...row, silent_for_seconds: Math.round((now - lastPing) / 1_000) };
  return derived({ ...detector, type: 'silent', updatedAt: null, receivedAt: now, object }, [String(row.last_ping)]);
}

/** Returns the event that a detector pings again, if the last event about it was that it was silent. Pure. */
export function derivedOfPing(last: Event | null, { event }: Trigger): readonly Derived[] {
  const lastPing = timeOf(event.object.last_ping);
  const before = timeOf(last?.object.last_ping);
  if (last?.type !== 'silent' || event.type === 'destroy' || lastPing === null || before === null) return [];
  if (lastPing <= before) return [];
  const object = { ...event.object, silent_for_seconds: Math.round((lastPing - before) / 1_000) };
  return [derived({ ...event, type: 'back', object }, [String(last.object.last_ping)])];
}

/** Returns the event that the quota of a detector is low, unless that was already sent since it was sufficient. Pure. */
export function derivedOfQuota(isTold: boolean, { event }: Trigger, quotaBelow: number): readonly Derived[] {
  const { api_quota: quota } = event.object;
  if (isTold || event.type !== 'create' || typeof quota !== 'number' || quota >= quotaBelow) return [];
  return [derived({ ...event, type: 'quota_low', object: { ...event.object, quota_below: quotaBelow } }, [])];
}

/** The beginning and reason of a source's outage. `since`: Unix milliseconds. */
export interface SourceOutage {
  readonly name: string;
  readonly reason: string;
  readonly since: number;
}

export function sourceLost(loss: SourceOutage, now: number): Derived {
  return ofSource('lost', loss, now);
}

export function sourceBack(loss: SourceOutage, now: number): Derived {
  return ofSource('back', loss, now);
}

function ofSource(type: 'lost' | 'back', { name, reason, since }: SourceOutage, now: number): Derived {
  const at = new Date(since).toISOString();
  const object = { name, reason, since: at, lost_for_seconds: Math.max(0, Math.round((now - since) / 1_000)) };
  const about = { source: name, model: 'source', class: 'Source', role: null, rowId: null } as const;
  return derived({ ...about, subject: `source:${name}`, type, updatedAt: null, receivedAt: now, object }, [at]);
}

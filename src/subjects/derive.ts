import type { ModelInfo } from '../catalogue/catalogue.ts';
import type { Identity } from '../catalogue/identity.ts';
import { silentAfterSeconds } from '../catalogue/silent-after.ts';
import { postIdOf } from '../catalogue/subject.ts';
import { timeOf } from '../text/json.ts';
import type { DerivedType, Event, EventObject } from '../words.ts';
import {
  countVotes,
  deletionUncertainty,
  isDisputed,
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
  ['autoflagged', ({ isAutoflagged }) => isAutoflagged],
  ['confirmed', (state) => countVotes(state).tp > 0],
  ['disputed', isDisputed],
  ['false_positive', isFalsePositive],
  ['autoflagged_false_positive', (state) => state.isAutoflagged && isFalsePositive(state)],
];

/** Returns the changes of a post between two states; none after its report was removed. Pure. */
function changesOf(before: PostState, after: PostState): readonly DerivedType[] {
  if (after.fate === 'removed') return [];
  return [
    ...(after.fate === 'deleted' && before.fate === 'stands' ? (['deleted'] as const) : []),
    ...(wasUndeleted(before, after) ? (['undeleted'] as const) : []),
    ...facts.filter(([, isSo]) => isSo(after) && !isSo(before)).map(([type]) => type),
  ];
}

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
 * Returns the events derived from a change of a post. Those in `facts` are identified by the post, the others by their
 * trigger. Pure.
 */
export function derivedOfPost(
  before: PostState,
  after: PostState,
  trigger: Trigger,
  report: ReportModel,
): readonly Derived[] {
  return changesOf(before, after).map((type) => {
    const isOnce = facts.some(([fact]) => fact === type);
    return ofPost(type, after, { ...trigger.event, report }, trigger.event.updatedAt, isOnce ? [] : [trigger.key]);
  });
}

/** Returns the event that a post still stands. `now`: Unix milliseconds. Pure. */
export function lingering(
  about: Pick<AboutPost, 'source' | 'subject' | 'report'>,
  state: PostState,
  now: number,
): Derived {
  return ofPost('lingering', state, { ...about, receivedAt: now }, null, []);
}

interface AboutPost extends Pick<Event, 'source' | 'subject' | 'receivedAt'> {
  readonly report: ReportModel;
}

function ofPost(
  type: DerivedType,
  state: PostState,
  { source, subject, receivedAt, report }: AboutPost,
  updatedAt: string | null,
  key: readonly string[],
): Derived {
  const rowId = postIdOf(subject);
  const { tp, fp, naa } = countVotes(state);
  const at = type === 'deleted' ? state.deletedAt : (timeOf(updatedAt) ?? receivedAt);
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

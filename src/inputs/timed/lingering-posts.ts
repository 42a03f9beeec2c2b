import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Pipeline } from '../../ingest/pipeline.ts';
import type { Router } from '../../router/router.ts';
import type { Database } from '../../store/tables.ts';
import { readState } from '../../subject-rows/known-post.ts';
import { twinsOfOne } from '../../subject-rows/twins.ts';
import { lingering } from '../../subjects/derive.ts';
import { isFalsePositive } from '../../subjects/post-state.ts';
import { timeOf } from '../../text/json.ts';
import { type Clock, toWall } from '../../time/clock.ts';
import type { Event } from '../../words.ts';
import type { Details } from '../details/fetch-details.ts';
import { isTold } from './is-told.ts';

/** Age above which a due event is not sent any more, ms, because it is no longer news. */
const LATE_MS = 3_600_000;
/** Delay after a post was fetched before events about it are derived, ms: its flags and its deletion are fetched after it. */
export const FETCHED_MS = 30_000;
/** Longest wait for the API before a post is said to linger, ms: the API may be down. */
const API_MS = 60_000;

export interface LingeringPostsOptions {
  readonly db: Database;
  readonly source: string;
  readonly catalogue: Pick<Catalogue, 'ofRole'>;
  /** Returns the time after its report at which a post that still stands is lingering, ms. */
  readonly lingeringAfterMs: () => number;
  /** Asks the API for a post. */
  readonly check: Details['check'];
  readonly router: Pick<Router, 'names'>;
  readonly pipeline: Pick<Pipeline, 'conclude'>;
  readonly clock: Clock;
}

/** The posts that may linger: each is checked once, some time after its report. */
export interface LingeringPosts {
  /** Notes a report. */
  received(event: Event): void;
  /** Derives the events that are due. */
  look(): Promise<void>;
  /** Age up to which stored reports are noted at the start, ms. */
  readonly readMs: number;
}

/** A post that is to be checked, Unix milliseconds. */
interface Due {
  readonly reportedAt: number;
  /** It is not checked before. */
  readonly earliest: number;
}

export function createLingeringPosts(options: LingeringPostsOptions): LingeringPosts {
  const { db, source, router, pipeline, clock } = options;
  const report = options.catalogue.ofRole('report');
  /** By subject. */
  const due = new Map<string, Due>();
  /** Since when the answer of the API is waited for, Unix milliseconds, by subject. */
  const waiting = new Map<string, number>();

  function received({ role, type, subject, object, origin, ...event }: Event): void {
    if (role !== 'report' || type !== 'create') return;
    const receivedAt = toWall(clock, event.receivedAt);
    const reportedAt = timeOf(object.created_at) ?? receivedAt;
    const earliest = origin === 'backfilled' ? receivedAt + FETCHED_MS : receivedAt;
    if (reportedAt + options.lingeringAfterMs() >= clock.wall() - LATE_MS) due.set(subject, { reportedAt, earliest });
  }

  /** Returns false if the post is to be looked at again, because the API was not heard on it yet. */
  async function lookAt(subject: string, now: number): Promise<boolean> {
    const state = await readState(db, subject);
    const twins = await twinsOfOne(db, subject);
    const told = await isTold(db, subject, twins, 'lingering');
    if (told || state.fate !== 'stands' || isFalsePositive(state)) return true;
    const said = await options.check(subject);
    if (said === 'absent') return true;
    const since = waiting.get(subject) ?? now;
    waiting.set(subject, since);
    if (said === 'not known yet' && now - since < API_MS) return false;
    pipeline.conclude(lingering({ source, subject, report: report! }, state, now));
    // That is stored later.
    for (const twin of twins) {
      due.delete(twin);
      waiting.delete(twin);
    }
    return true;
  }

  return {
    received,
    get readMs() {
      return options.lingeringAfterMs() + LATE_MS;
    },
    async look() {
      const now = clock.wall();
      const isAsked = report !== undefined && router.names(report.name, 'lingering');
      for (const [subject, { reportedAt, earliest }] of due) {
        const at = Math.max(reportedAt + options.lingeringAfterMs(), earliest);
        if (at > now) continue;
        const isDone = !isAsked || now - at > LATE_MS || (await lookAt(subject, now));
        if (!isDone) continue;
        due.delete(subject);
        waiting.delete(subject);
      }
    },
  };
}

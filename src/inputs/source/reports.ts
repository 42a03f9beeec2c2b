import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import type { Clock } from '../../time/clock.ts';
import { formatDuration } from '../../time/duration.ts';

/** One failed attempt. */
export interface LostReport {
  /** Time from which on events may be missed, Unix milliseconds. */
  readonly since: number;
  readonly reason: string;
  readonly waitMs: number;
  /** The first failure of this outage. */
  readonly first: boolean;
}

/** Interval between reminders while an outage lasts and does not change, ms. */
const reminderMs = 5 * 60_000;

/** The log lines of one source. */
export type Reports = ReturnType<typeof createReports>;

/**
 * Makes the log lines of a source, for an operator who was just woken: what happened, what Lookout does next, and when. A
 * failed attempt like the one before is logged at level debug, with a reminder every five minutes.
 */
export function createReports(to: {
  readonly name: string;
  readonly url: string;
  readonly key: Secret;
  /** The requested events. */
  readonly events: string;
  readonly clock: Clock;
  readonly log: Log;
}) {
  const { name, log, clock } = to;
  const address = withoutUserAndQuery(to.url);
  let told: { readonly reason: string; readonly at: number } | null = null;

  return {
    idle: () =>
      log.info(
        { source: name, state: 'idle' },
        `Not connecting to ${name}: no subscription names any event, so there is nothing to request`,
      ),
    connecting: () =>
      log.info({ source: name, state: 'connecting', url: address }, `Connecting to ${name} at ${address}`),
    /** @param missedFrom Unix milliseconds; null if nothing was missed since the start */
    subscribed: (missedFrom: number | null) => {
      told = null;
      const fields = { source: name, state: 'subscribed', events: to.events };
      if (missedFrom === null) return log.info(fields, `Connected to ${name} and subscribed; waiting for events`);
      const outage = formatDuration(clock.wall() - missedFrom);
      const text = `Connected to ${name} and subscribed again after ${outage}; events since ${iso(missedFrom)} may be missing`;
      log.info({ ...fields, missingSince: iso(missedFrom) }, text);
    },
    asked: (events: string) => log.info({ source: name, events }, `Requesting other events from ${name}: ${events}`),
    askFailed: (events: string, reason: string, waitMs: number) =>
      log.warn(
        { source: name, events, reason, retryInMs: waitMs },
        `${name} rejected the new subscription (${reason}). Existing ones stay active; ` +
          `retrying in ${formatDuration(waitMs)}`,
      ),
    rejected: (waitMs: number) => {
      const { from, file, takenOverBy } = to.key;
      const wait = formatDuration(waitMs);
      log.error(
        { source: name, state: 'rejected', retryInMs: waitMs },
        `${name} rejects the API key from ${from}: no events arrive until it is corrected. ${
          file === null
            ? `Correct it and ${takenOverBy} Lookout; retrying with the same key in ${wait}`
            : `Correct it in ${file.name}, which is read again in ${wait}`
        }`,
      );
    },
    otherKey: () =>
      log.info({ source: name }, `${name} rejected the API key, but there is another one by now: using that one`),
    lost: ({ since, reason, waitMs, first }: LostReport) => {
      const fields = { source: name, state: 'lost', since: iso(since), reason, retryInMs: waitMs };
      const next = `Trying again in ${formatDuration(waitMs)}`;
      const outage = formatDuration(clock.wall() - since);
      const due = told === null || told.reason !== reason || clock.monotonic() - told.at >= reminderMs;
      if (!first && !due) return log.debug(fields, `Still no connection to ${name}: ${reason}. ${next}`);
      told = { reason, at: clock.monotonic() };
      if (first) log.warn(fields, `No connection to ${name}: ${reason}. ${next}`);
      else log.warn(fields, `Still no connection to ${name} after ${outage}: ${reason}. ${next}`);
    },
    stale: (since: number) =>
      log.warn(
        { source: name, state: 'stale', since: iso(since) },
        `${name} has given no sign of life for ${formatDuration(clock.wall() - since)}. ` +
          'If it stays silent, Lookout reconnects in a few seconds',
      ),
    revived: (since: number) =>
      log.info(
        { source: name, state: 'subscribed', events: to.events, missingSince: iso(since) },
        `${name} is alive again after ${formatDuration(clock.wall() - since)} of silence; events since ${iso(since)} may be missing`,
      ),
    stopped: () => log.info({ source: name, state: 'stopped' }, `Stopped listening to ${name}`),
    unreadable: (frames: number) =>
      log.warn(
        { source: name, frames },
        `${name} sent ${frames === 1 ? 'a frame' : `${frames} frames`} that no Action Cable client can read; ` +
          'dropped, the connection stays open. Further ones are only counted for the next 10 minutes',
      ),
    /** Runs a callback of the caller. An error in it is a bug there and must not end the connection. */
    guarded: (what: 'onMessage' | 'onState' | 'onGap', call: () => void) => {
      try {
        call();
      } catch (err) {
        log.error(
          { source: name, err },
          `A bug in Lookout: ${what} of the source ${name} threw; the connection goes on`,
        );
      }
    },
  };
}

function iso(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

/** Removes user and query, which may contain secrets. */
function withoutUserAndQuery(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? '(not a valid URL)' : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

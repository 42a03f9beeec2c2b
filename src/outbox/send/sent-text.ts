import type { StoredSend } from '../rows/send-row.ts';

/** Age from which a delay is said in whole seconds, ms. */
const LONG_MS = 10_000;

export interface SentFacts {
  /** The name of the room. */
  readonly room: string;
  /** Number of the events that the message carries. */
  readonly events: number;
  /** Time from the arrival of the oldest of them to the answer of the platform, ms; null: it carries none. */
  readonly lateMs: number | null;
}

/** Returns the log's line about a send that went out: `hq: post:123 sent 0.3 s after it came`. */
export function sentText({ kind, subject }: Pick<StoredSend, 'kind' | 'subject'>, facts: SentFacts): string {
  const { room, events, lateMs } = facts;
  const what = events > 1 ? `${events} events (${subject}, …)` : subject;
  const late = lateMs === null ? '' : ` ${secondsOf(lateMs)} s after ${events > 1 ? 'the first' : 'it'} came`;
  return `${room}: ${what} ${verbs[kind]}${late}`;
}

const verbs: Readonly<Record<StoredSend['kind'], string>> = {
  create: 'sent',
  edit: 'edited',
  reply: 'sent as a reply',
  thread: 'sent in its thread',
  react: 'sent as a reaction',
  redact: 'removed',
};

const secondsOf = (ms: number) => (ms >= LONG_MS ? Math.round(ms / 1000) : Math.round(ms / 100) / 10);

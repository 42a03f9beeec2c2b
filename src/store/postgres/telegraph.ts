import type { Log } from '../../log.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { PostgresAddress } from './address.ts';
import { type Connection, connect, IDLE_IN_TRANSACTION_MS } from './connection.ts';

/** The channel of all Lookouts on one database: https://www.postgresql.org/docs/current/sql-notify.html */
const CHANNEL = 'lookout';
/** Longest payload, bytes: the server refuses 8,000. */
const LONGEST = 7_999;
/** Interval between two pings, ms: a connection that only listens would not notice that it is cut. */
const PING_EVERY_MS = 2_000;
/** Longest wait for an answer, ms: then the connection counts as cut. */
const ANSWER_MS = 3_000;
/** Delay before another attempt to connect, ms. */
const AGAIN_MS = 250;

/** Passes on texts between the processes on one database. Each may be lost. */
export interface Telegraph {
  /** Sends a text to every other process; one that is too long is shortened. Texts of the same moment are sent together. */
  send(text: string): void;
  stop(): Promise<void>;
}

export interface TelegraphOptions {
  readonly address: PostgresAddress;
  /** Distinguishes this process, which does not get its own texts. */
  readonly id: string;
  readonly onText: (text: string) => void;
  /** Called when texts may have been lost: after each new connection. */
  readonly onGap: () => void;
  /** Joins texts that wait into those that are sent; each costs a commit, and commits with a notification are serial. */
  readonly join: (texts: readonly string[]) => readonly string[];
  /** Returns what is sent in place of a text that is too long. */
  readonly shorten: (text: string) => string;
  /** Sent when texts could not be sent, as soon as one can be. */
  readonly lost: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Begins to listen. A lost connection is made anew, until `stop`. */
export function startTelegraph(options: TelegraphOptions): Telegraph {
  const { address, id, clock, log } = options;
  const stopping = new AbortController();
  let connection: Connection | null = null;
  const waiting: string[] = [];
  let sending: Promise<void> | null = null;
  /** True: a text could not be sent, and the others do not know it. */
  let isLost = false;

  async function listen(): Promise<Connection> {
    const made = await connect(address, 'signals', {
      answerMs: ANSWER_MS,
      idleInTransactionMs: IDLE_IN_TRANSACTION_MS,
    });
    made.onNotice((payload) => {
      if (!payload.startsWith(`${id} `)) options.onText(payload.slice(payload.indexOf(' ') + 1));
    });
    await made.query(`listen ${CHANNEL}`);
    return made;
  }

  async function keep(): Promise<void> {
    for (let isTold = false; !stopping.signal.aborted; ) {
      try {
        if (connection === null || connection.isBroken) {
          connection = await listen();
          isTold = false;
          options.onGap();
        } else await connection.query('select 1');
        if (isLost) sayLost();
        await sleep(clock, PING_EVERY_MS, stopping.signal);
      } catch (err) {
        if (!isTold) log.warn({ err }, 'the signals of other processes do not arrive: everything is looked at later');
        isTold = true;
        await sleep(clock, AGAIN_MS, stopping.signal);
      }
    }
  }

  async function sendAll(): Promise<void> {
    await clock.turn();
    while (waiting.length > 0) {
      const texts = options.join(waiting.splice(0));
      for (const text of texts) {
        const isLong = Buffer.byteLength(text) + id.length + 1 > LONGEST;
        if (!(await isSent(isLong ? options.shorten(text) : text))) isLost = true;
      }
    }
    sending = null;
  }

  async function isSent(text: string): Promise<boolean> {
    if (connection === null) return false;
    const sent = connection.query('select pg_notify($1, $2)', [CHANNEL, `${id} ${text}`]);
    return sent.then(
      () => true,
      () => false,
    );
  }

  function sayLost(): void {
    isLost = false;
    send(options.lost);
  }

  function send(text: string): void {
    waiting.push(text);
    sending ??= sendAll();
  }

  const keeping = keep();
  return {
    send,
    async stop() {
      stopping.abort();
      // A statement that hangs would keep it waiting.
      connection?.cut();
      await Promise.all([sending, keeping]);
    },
  };
}

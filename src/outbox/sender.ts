import type { Account, Mention, SendAction, SendResult } from '../adapters/adapter.ts';
import { type Clock, sleep } from '../clock.ts';
import type { Log } from '../log.ts';
import type { TellOperators } from '../operators.ts';
import type { Message } from '../render/message.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import type { EventObject } from '../words.ts';
import type { AccountKeeper } from './account-keeper.ts';
import { backoffMs, storeBackoffMs } from './backoff.ts';
import { readOptions } from '../router/subscription-options.ts';
import type { Card } from './cards.ts';
import { countedMs, type Decision, isChange, maybeSent } from './decide.ts';
import type { Digest } from './digest/new-digest.ts';
import type { Draw } from './draw.ts';
import { hashOf } from './hash-of.ts';
import { mentionsOf } from './mentions.ts';
import type { StoredSend, UnsentNotice } from './next-work.ts';
import type { DueDelivery } from './pick.ts';
import { type Planned, storeNoticePlan, storePlan, storeReactionPlan } from './plan.ts';
import { createRedrawer } from './redraw.ts';
import type { RoomGate } from './room-gate.ts';
import type { RoomReport } from './room-report.ts';
import type { Safeguards } from './safeguards.ts';
import { createSendAges } from './send-ages.ts';
import { noteAttempt, settle } from './settle.ts';
import type { StaleMessage } from './stale.ts';

/** Before a send that is not found in the room is taken for lost, the platform has this long to show it, in milliseconds. */
const SETTLING_MS = 60_000;
/** The longest rest of a room whose sends get no clear answer, in milliseconds. */
const LONGEST_REST_MS = 60_000;

export interface SenderOptions {
  readonly db: Database;
  readonly gate: RoomGate;
  readonly keeper: AccountKeeper;
  readonly clock: Clock;
  readonly log: Log;
  readonly report: RoomReport;
  readonly safeguards: Safeguards;
  readonly tell: TellOperators;
  readonly draw: Draw;
  /** Aborted when a send in flight may not be waited for any more. */
  readonly signal: AbortSignal;
}

/** What a send is made of beside its deliveries. */
type Parts = Pick<Planned, 'key' | 'payload' | 'failure'>;

type Made<T> = { readonly value: T; readonly failure: null } | { readonly value: null; readonly failure: string };

/**
 * Makes sends and settles them.
 *
 *     waiting ──plan──▶ planned + pending send ──sent──▶ sent
 *        ▲                    │        │ ▲
 *        │                    │        └─┘ unknown: the same bytes again, its subject waits
 *        └──── certainly not accepted: planned anew after the wait
 *                             └── rejected, or 24 h without an answer ──▶ dead
 *
 * What was rejected with several deliveries is split, and each planned alone.
 */
export interface Sender {
  /** Turns deliveries into one message, as many as it has room for, stores it and its send, and makes the first attempt. */
  plan(deliveries: readonly DueDelivery[], account: Account): Promise<void>;
  /** The same for a digest, whose content is made already; without deliveries it is drawn anew. */
  digest(digest: Digest, account: Account): Promise<void>;
  /** Gives a card without a delivery a message of its own. */
  card(card: Card, account: Account): Promise<void>;
  /** Draws a message of cards anew, or tells otherwise what is new about them. Sends nothing where it would look the same. */
  redraw(stale: StaleMessage, account: Account): Promise<void>;
  /** Makes the first attempt to send a notice that is stored. */
  notice(notice: UnsentNotice, account: Account): Promise<void>;
  /** Tries a stored send again, or looks in the room where its key does not protect any more. */
  repeat(send: StoredSend, account: Account): Promise<void>;
}

export function createSender(options: SenderOptions): Sender {
  const { db, gate, keeper, clock, log, report, safeguards, signal } = options;
  const { adapter } = keeper;
  const name = gate.room.name;
  const ages = createSendAges(clock);
  /** Sends in a row that did not get through, for a cause that may lie in each alone: the more, the slower the room goes on to its next subject. */
  let unclear = 0;

  /** Gives what our own code makes, or why it could not: that becomes a dead letter, and the room goes on. */
  async function made<T>(subject: string, make: () => T | Promise<T>): Promise<Made<T>> {
    try {
      return { value: await make(), failure: null };
    } catch (err) {
      log.error(
        { room: name, subject, err },
        `${subject} could not be made into a message: dead letter, \`lookout outbox\` lists it`,
      );
      const why = err instanceof Error ? err.message : err;
      return { value: null, failure: `could not be made into a message: ${why}` };
    }
  }

  async function formatted(subject: string, message: Message, mentions: readonly Mention[] = []): Promise<Parts> {
    const key = safeguards.mintKey();
    const { value, failure } = await made(subject, () => adapter.format(message, key, gate.address, mentions));
    return { key, payload: value ?? '', failure };
  }

  /** How a delivery looks: by itself, or as the card of its subject. */
  const drawn = ({ subject, event, template, options: chosen }: DueDelivery) =>
    readOptions(chosen).isCard
      ? options.draw.card({ subject, template, options: chosen }, gate.room)
      : options.draw.event(event, template, gate.room);

  /** Stores a send and makes its first attempt, unless it could not be formatted. */
  async function store(
    { deliveries, message, shown }: Pick<Planned, 'deliveries' | 'message' | 'shown'>,
    parts: Parts,
    account: Account,
  ) {
    const now = clock.now();
    const counting = deliveries.map((delivery) => {
      return { ...delivery, countedMs: counted(delivery.countedMs, delivery.lastAttemptAt ?? now) };
    });
    // One that waited long does not end those that came a moment ago.
    const countedMs = counting.length === 0 ? 0 : Math.min(...counting.map((delivery) => delivery.countedMs));
    const plan = { roomId: gate.room.id, account, ...parts, now, countedMs, deliveries: counting, message, shown };
    const send = await storePlan(db, plan);
    if (parts.failure === null) await attempt(send, deliveries.length);
  }

  /** One delivery in a message of its own. */
  async function single(delivery: DueDelivery, message: Made<Message>, account: Account): Promise<void> {
    const { subject } = delivery;
    const { pinged, mentions } = await mentionsOf(db, gate.room, [delivery], clock.now());
    const parts =
      message.failure === null
        ? await formatted(subject, message.value, mentions)
        : { key: safeguards.mintKey(), payload: '', failure: message.failure };
    const kind = readOptions(delivery.options).isCard ? 'card' : 'single';
    const fresh = { subject, kind, wave: null, answers: null, pinged, cards: 'deliveries' } as const;
    const shown = message.failure === null ? hashOf([message.value]) : null;
    await store({ deliveries: [delivery], message: { new: fresh }, shown }, parts, account);
  }

  function counted(before: number, lastAttemptAt: number): number {
    return countedMs(before, lastAttemptAt, clock.now(), keeper.lastSuccessAt);
  }

  /** `deliveries`: how many it carries; of a repeat it makes no difference. */
  async function attempt(send: StoredSend, deliveries = 1): Promise<void> {
    ages.attempted(send);
    const { key, payload } = send;
    const request = { room: gate.address, key, payload, action: actionOf(send) };
    const result = await unlessStopped(adapter.send(request, signal), signal, stopped);
    // Stopped in the middle: the send stays pending and is repeated with its key at the next start.
    if (result.outcome === 'unknown' && signal.aborted) return;
    noteOutcome(result, send);
    const { attempts, counted_ms: counts, kind } = send;
    const attempted = { attempts, mayBeThere: attempts > 1, countedMs: counts, deliveries, kind };
    await conclude(send, safeguards.decide(result, attempted));
    if (result.outcome === 'sent' || result.outcome === 'rejected') return report.goesOn();
    // A broken room and a broken account have their own words.
    if (result.outcome === 'unknown') return report.waits('unknown', `no clear answer: ${result.reason}`);
    if (result.outcome === 'notAccepted') return report.waits(`notAccepted ${result.scope}`, result.reason);
  }

  function noteOutcome(result: SendResult, send: StoredSend): void {
    const said = { room: name, subject: send.subject, send: send.id };
    if (result.outcome === 'sent') {
      unclear = 0;
      keeper.succeeded();
      log.debug(said, `sent to ${name}`);
      return;
    }
    const { outcome, reason } = result;
    log.debug({ ...said, outcome, reason }, `room ${name}: ${outcome}: ${reason}`);
    // A wait of room or account is a pause already; the other answers end in one, or in a dead letter.
    if (outcome !== 'unknown' && !(outcome === 'notAccepted' && result.scope === 'message')) return;
    unclear++;
    if (unclear > 1) gate.rest(backoffMs(unclear - 1, 0, LONGEST_REST_MS));
  }

  /** Writes the decision, however often it takes: what the platform answered is known nowhere else. */
  async function conclude(send: StoredSend, decision: Decision): Promise<void> {
    for (let failures = 1; !(await isSettled(send, decision, failures)); failures++) if (signal.aborted) return;
    if (decision.step === 'planAnew' || decision.step === 'repeat') gate.pause(decision.pause);
    if (decision.step !== 'repeat') ages.forget(send);
    if (decision.step === 'split')
      log.warn(
        { room: name, subject: send.subject, reason: decision.reason },
        `room ${name}: a message of several events was rejected (${decision.reason}): each is sent alone`,
      );
    if (decision.step === 'leave')
      log.debug({ room: name, reason: decision.reason }, `room ${name}: a message is left as it is`);
    if (decision.step !== 'deadLetter') return;
    options.tell(
      'dead letter',
      `A message for room ${name} could not be delivered (${decision.reason}). lookout outbox list shows it.`,
    );
    log.error(
      { room: name, subject: send.subject, send: send.id, reason: decision.reason },
      `dead letter s${send.id}: ${decision.reason}; \`lookout outbox\` lists it`,
    );
  }

  async function isSettled(send: StoredSend, decision: Decision, failures: number): Promise<boolean> {
    try {
      await settle(db, send, decision, clock.now());
      return true;
    } catch (err) {
      const waitMs = storeBackoffMs(failures);
      logFailure(
        log,
        err,
        { room: name, send: send.id },
        `the outcome of a send cannot be written to the store; next try in ${waitMs / 1000} s`,
      );
      await sleep(clock, waitMs, signal);
      return false;
    }
  }

  const redrawer = createRedrawer({
    db,
    draw: options.draw,
    adapter,
    gate,
    clock,
    mintKey: safeguards.mintKey,
    store: (planned, parts, account) => store({ deliveries: [], ...planned }, parts, account),
    react: async (plan, account) => {
      const parts = { key: safeguards.mintKey(), failure: null, countedMs: 0, now: clock.now(), account };
      await attempt(await storeReactionPlan(db, { roomId: gate.room.id, ...parts, ...plan }), 0);
    },
  });

  return {
    async plan(deliveries, account) {
      const good: { readonly delivery: DueDelivery; readonly message: Message }[] = [];
      const [first] = deliveries;
      if (first === undefined) return;
      let firstMade: Made<Message> | null = null;
      for (const delivery of deliveries) {
        const message = await made(delivery.subject, () => drawn(delivery));
        firstMade ??= message;
        if (message.failure === null) good.push({ delivery, message: message.value });
      }
      // What cannot be rendered is a dead letter of its own; the others are picked again.
      if (firstMade === null) return;
      if (firstMade.failure !== null || good.length < 2) return single(first, firstMade, account);
      const { subject } = first;
      const key = safeguards.mintKey();
      const messages = good.map(({ message }) => message);
      const { pinged, mentions } = await mentionsOf(db, gate.room, deliveries, clock.now());
      const together = await made(subject, () => adapter.together(messages, key, gate.address, mentions));
      if (together.failure !== null || together.value.carried < 2) return single(first, firstMade, account);
      const { payload, carried } = together.value;
      const kept = good.slice(0, carried).map(({ delivery }) => delivery);
      const fresh = { subject, kind: 'digest', wave: null, answers: null, pinged, cards: 'deliveries' } as const;
      const shown = hashOf(messages.slice(0, carried));
      await store({ deliveries: kept, message: { new: fresh }, shown }, { key, payload, failure: null }, account);
    },

    async digest({ deliveries, message, content }, account) {
      const { subject } = 'new' in message ? message.new : message.shown;
      await store({ deliveries, message, shown: hashOf([content]) }, await formatted(subject, content), account);
    },

    async card(card, account) {
      const { subject, template, answers } = card;
      const chosen = JSON.parse(card.options) as EventObject;
      const message = await made(subject, () => options.draw.card({ subject, template, options: chosen }, gate.room));
      const parts =
        message.failure === null
          ? await formatted(subject, message.value)
          : { key: safeguards.mintKey(), payload: '', failure: message.failure };
      const fresh = { subject, kind: 'card', wave: null, answers, pinged: null, cards: card } as const;
      const shown = message.failure === null ? hashOf([message.value]) : null;
      await store({ deliveries: [], message: { new: fresh }, shown }, parts, account);
    },

    redraw: (stale, account) => redrawer.redraw(stale, account),

    async notice(notice, account) {
      const parts = await formatted(notice.subject, notice.message);
      const now = clock.now();
      const send = await storeNoticePlan(db, { notice, roomId: gate.room.id, account, ...parts, now, countedMs: 0 });
      if (parts.failure === null) await attempt(send, 0);
    },

    async repeat(send, account) {
      const now = clock.now();
      const age = ages.of(send);
      const stored = { account: send.account, device: send.device, ageMs: age.firstMs };
      // A change that is made twice is seen once.
      const isSafe = isChange(send.kind) && send.account === account.id;
      if (isSafe || safeguards.keyProtects(stored, account.id, account.device ?? '', adapter.idempotentForMs))
        return attempt(await noteAttempt(db, send, counted(send.counted_ms, send.last_attempt_at), now));
      const { key, payload } = send;
      const request = { room: gate.address, key, payload, since: age.firstAt, action: actionOf(send) };
      const found = await unlessStopped(adapter.find(request, signal), signal, stopped);
      if (found.outcome === 'unknown' || signal.aborted) return;
      switch (found.outcome) {
        case 'found':
          return conclude(send, { step: 'settle', platformId: found.platformId });
        case 'absent': {
          const waitMs = Math.ceil(SETTLING_MS - age.lastMs);
          if (waitMs > 0) return conclude(send, { step: 'repeat', waitMs, pause: { who: 'nobody' } });
          return conclude(send, { step: 'planAnew', pause: { who: 'nobody' } });
        }
        case 'unreadable': {
          const reason = `${maybeSent}; the room cannot be read back: ${found.reason}`;
          return conclude(send, { step: 'deadLetter', reason });
        }
        case 'later':
          return conclude(send, { step: 'repeat', waitMs: Math.max(1_000, found.waitMs), pause: { who: 'nobody' } });
        default:
          found satisfies never;
      }
    },
  };
}

function actionOf({ kind, target }: StoredSend): SendAction {
  if (kind === 'create') return { kind };
  if (target === null) throw new Error(`a send of kind ${kind} without a target`);
  return { kind, target };
}

const stopped = { outcome: 'unknown', waitMs: 0, reason: 'stopped before the answer came' } as const;

/** What an adapter answers, or `otherwise` once the signal is aborted: a pipe that nobody reads must not hold up the end. */
function unlessStopped<T, U>(answer: Promise<T>, signal: AbortSignal, otherwise: U): Promise<T | U> {
  return new Promise((resolve, reject) => {
    const stop = () => resolve(otherwise);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop);
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}

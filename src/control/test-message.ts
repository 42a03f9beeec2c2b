import { localTime } from '../commands/mute-text.ts';
import { type PlatformRules, platformOf } from '../config/platform.ts';
import type { Log } from '../log.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { RoomDirectory } from '../outbox/room-directory.ts';
import { type StoredRoom, writtenAddress } from '../outbox/rows/rooms.ts';
import { dropTestMessage, keepTestMessage, readTestFate, type TestFate } from '../outbox/rows/test-messages.ts';
import { accountTrouble } from '../outbox/send/account-state.ts';
import { messageOf, paragraph } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import { findNamedRoom } from '../rooms/named-room.ts';
import type { Database } from '../store/tables.ts';
import { counted } from '../text/counted.ts';
import { type Clock, sleep, toWall } from '../time/clock.ts';
import { formatDuration } from '../time/duration.ts';
import type { Json } from '../words.ts';
import { done, type Route, refused } from './route.ts';

/** Delay between two looks at a test message, ms. */
const LOOK_MS = 50;

export interface TestParts {
  readonly db: Database;
  /** Returns the rooms in effect. */
  readonly rooms: () => readonly StoredRoom[];
  readonly directory: Pick<RoomDirectory, 'roomId' | 'wake'>;
  readonly outbox: Pick<Outbox, 'accounts' | 'worker'>;
  /** The mutes that hold in a room. */
  readonly holding: (roomId: number) => readonly ActiveMute[];
  readonly platforms: readonly PlatformRules[];
  readonly clock: Clock;
  readonly log: Log;
}

export interface TestRequest {
  /** A name or an address. */
  readonly room: string;
  /** The user of the shell. */
  readonly by: string;
  /** Time for an answer of the platform, ms. */
  readonly waitMs: number;
  /** True if it is sent even if the room is muted. */
  readonly anyway: boolean;
}

/** The result of a test: of its message, so far. */
export type TestResult =
  | { readonly outcome: 'accepted'; readonly id: string; readonly link: string | null; readonly tookMs: number }
  /** The platform does not take this message. */
  | { readonly outcome: 'rejected'; readonly reason: string }
  /** The room or its account takes no messages. It waits, and goes out when that is mended. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** It waits, and goes out later. */
  | { readonly outcome: 'waits'; readonly reason: string; readonly tookMs: number }
  /** Nothing was sent. */
  | { readonly outcome: 'muted'; readonly reason: string; readonly mute: string };

/** The result, and the room that was meant. */
export type Tested = TestResult & { readonly room: string; readonly address: string };

/** `unknown`: there is no such room; `error` says which there are. */
export type TestAnswer = { readonly outcome: 'unknown'; readonly error: string } | Tested;

/** `POST /test` with a `TestRequest` sends a test message into a room, and answers with a `Tested`. */
export function testRoute(parts: TestParts): Route {
  return {
    method: 'POST',
    path: '/test',
    async handle({ body }) {
      const tested = await testRoom(parts, body as unknown as TestRequest);
      return tested.outcome === 'unknown' ? refused(tested.error) : done(tested as unknown as Json);
    },
  };
}

/**
 * Sends a labelled message into a room, on the way of every other message: it is stored, waits its turn, and survives a
 * crash. Resolves when the platform took or refused it, at the latest after the time that the request gives.
 */
export async function testRoom(parts: TestParts, request: TestRequest): Promise<TestAnswer> {
  const { rooms, directory, clock, log } = parts;
  const found = findNamedRoom(request.room, rooms());
  if (found.outcome === 'unknown') return found;
  const { name, address } = found.room;
  const room = { ...found.room, id: directory.roomId(address) ?? found.room.id };
  const place = { room: name, address };
  const now = clock.now();
  const mute = parts.holding(room.id).find((one) => one.events === null && one.where === null && one.until > now);
  if (mute !== undefined && !request.anyway) return { ...place, ...mutedBy(mute, toWall(clock, mute.until)) };
  log.info({ room: name, author: `shell:${request.by}` }, `a test message for room ${name} was asked for`);
  return { ...place, ...(await sendInto(parts, room, request)) };
}

function mutedBy({ id, author, reason }: ActiveMute, until: number): TestResult {
  const text = `muted as a whole until ${localTime(until, 'UTC')} by ${author}`;
  return { outcome: 'muted', reason: `${text}${reason === null ? '' : ` (${reason})`}`, mute: `m${id}` };
}

async function sendInto(parts: TestParts, room: StoredRoom, { by, waitMs }: TestRequest): Promise<TestResult> {
  const { db, directory, clock } = parts;
  const startedAt = clock.monotonic();
  const { id, isEarlier } = await keepTestMessage(db, {
    roomId: room.id,
    message: testMessage(by, clock.wall()),
    now: clock.now(),
  });
  // The person may have mended the room a moment ago.
  const worker = parts.outbox.worker(room.id);
  if (worker !== undefined && worker.gate.broken !== null) worker.changed();
  directory.wake([room.id]);
  for (;;) {
    const fate = await readTestFate(db, id);
    const tookMs = Math.round(clock.monotonic() - startedAt);
    const ended = await resultOf(parts, room, fate, tookMs);
    if (ended !== null) return ended;
    if (tookMs >= waitMs) {
      const reason = reasonToWait(parts, room, fate);
      return {
        outcome: 'waits',
        reason: isEarlier ? `${reason}; the test before this one still waits` : reason,
        tookMs,
      };
    }
    await sleep(clock, LOOK_MS);
  }
}

function testMessage(by: string, at: number) {
  const label = { kind: 'strong', children: [{ kind: 'text', text: 'Test' }] } as const;
  const text = `: ${by} asked Lookout in a shell at ${localTime(at, 'UTC')} to send a message here. It stands for no event.`;
  return messageOf([paragraph(label, text)]);
}

const keeperOf = ({ outbox }: TestParts, { account }: StoredRoom) => outbox.accounts.find(({ id }) => id === account);

/** Returns the result if nothing more is to be waited for; null: there is none yet. */
async function resultOf(
  parts: TestParts,
  room: StoredRoom,
  fate: TestFate,
  tookMs: number,
): Promise<TestResult | null> {
  const { db, platforms, clock } = parts;
  switch (fate.state) {
    case 'shown': {
      const link = platformOf(platforms, room.platform).messageLink(
        resolvedOf(parts, room, fate.roomId),
        fate.platformId,
      );
      return { outcome: 'accepted', id: fate.platformId, link, tookMs };
    }
    case 'dead':
      await dropTestMessage(db, fate.letter, clock.now());
      return { outcome: 'rejected', reason: fate.reason };
    case 'sending':
      return null;
    case 'waiting': {
      const state = keeperOf(parts, room)?.state;
      if (state?.state === 'broken') return { outcome: 'refused', reason: `${room.account} ${accountTrouble(state)}` };
      const gate = parts.outbox.worker(fate.roomId)?.gate;
      // Before its rest it was tried again just now.
      return gate?.broken == null || gate.waitMs <= 0 ? null : { outcome: 'refused', reason: gate.broken.reason };
    }
    default:
      return fate satisfies never;
  }
}

function resolvedOf(parts: TestParts, room: StoredRoom, roomId: number): string {
  return parts.outbox.worker(roomId)?.gate.address ?? room.resolved ?? writtenAddress(room);
}

/** Says why a test message is not there yet. */
function reasonToWait(parts: TestParts, room: StoredRoom, fate: TestFate): string {
  if (fate.state === 'sending') {
    const attempts = counted(fate.attempts, 'attempt');
    return `it left, and ${room.platform} gave no clear answer yet (${attempts}); it may be there`;
  }
  const keeper = keeperOf(parts, room);
  const trouble = keeper === undefined ? null : accountTrouble(keeper.state);
  if (trouble !== null) return `${room.account} ${trouble}`;
  const gate = parts.outbox.worker(fate.roomId)?.gate;
  if (gate === undefined) return 'the room is about to end or to begin';
  if (gate.waitMs > 0) return `${room.platform} lets the room send again in ${formatDuration(gate.waitMs)}`;
  if (gate.needsCheck) return 'the room cannot be checked yet';
  if (keeper?.isLimited === true) return `${room.platform} limits the account, so that its rooms take turns`;
  return 'the messages before it are not sent yet';
}

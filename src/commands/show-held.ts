import { code, list, paragraph, typed } from '../render/say.ts';
import type { ActiveMute } from '../rooms/active-mute.ts';
import { covered, type HeldBack } from '../rooms/held-back.ts';
import type { Trx } from '../store/tables.ts';
import { counted } from '../text/counted.ts';
import { type Call, type Outcome, type Refused, refused } from './command.ts';

export interface ShowHeldParts {
  /** The active mutes of a room. */
  readonly holding: (roomId: number) => readonly ActiveMute[];
  /** The mutes of a room that ended together with one; null: with the last one that ended. */
  readonly ended: (roomId: number, id: number | null) => Promise<readonly ActiveMute[]>;
  readonly heldBack: (mutes: readonly ActiveMute[]) => Promise<HeldBack>;
  /** Makes what mutes held back wait to be sent. */
  readonly release: (trx: Trx, ids: readonly number[], now: number) => Promise<void>;
  /** Called after the commit. */
  readonly wake: (roomId: number) => void;
}

/** The request for what a mute held back. */
export interface HeldRequest {
  /** The id of the mute; null: those that are active, or the last that ended. */
  readonly mute: number | null;
  /** `send`: as messages. */
  readonly how: 'list' | 'send';
}

/** Reads `held`, `held m12` or `held m12 now`; null for any other text. */
export function readHeld(text: string): HeldRequest | null {
  const [whole, mute, now] = /^held(?:\s+m?(\d{1,15}))?(\s+now)?$/i.exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  return { mute: mute === undefined ? null : Number(mute), how: now === undefined ? 'list' : 'send' };
}

/** Returns the refusal of a text that begins as a request for what a mute held back, and is none; null for any other. */
export function refusalOfHeld(text: string): Refused | null {
  if (!/^held\s/i.test(text.trim())) return null;
  return refused(paragraph(typed('show held'), ' takes a mute: ', typed('show held m12'), '.'));
}

/** Shows what mutes held back: the list of their notice again, or the messages. */
export async function showHeld(parts: ShowHeldParts, { mute, how }: HeldRequest, call: Call): Promise<Outcome> {
  const { room, now } = call;
  if (room.id === null) return refused(paragraph('This room receives nothing, so nothing was held back.'));
  const roomId = room.id;
  const active = parts.holding(roomId).filter(({ id }) => mute === null || id === mute);
  const mutes = active.length > 0 ? active : await parts.ended(roomId, mute);
  const [first] = mutes;
  if (first === undefined)
    return refused(
      mute === null
        ? paragraph('No mute of this room is known, so nothing was held back.')
        : paragraph('There was no mute ', code(`m${mute}`), ' in this room.'),
    );
  const held = await parts.heldBack(mutes);
  const named = list(mutes.map((one) => [code(`m${one.id}`), ' ', ...covered(one)]));
  if (held.count === 0)
    return {
      outcome: 'done',
      say: [
        named,
        paragraph(`What ${mutes.map(({ id }) => `m${id}`).join(', ')} held back was sent already, or nothing was.`),
      ],
    };
  if (how === 'list') {
    const next = active.length > 0 ? typed(`unmute m${first.id}`) : typed(`show held m${first.id} now`);
    const then = active.length > 0 ? ' ends the mute.' : ` sends ${held.count === 1 ? 'it' : 'them'} now.`;
    return { outcome: 'done', say: [named, paragraph(held.sentence), ...held.standing, paragraph(next, then)] };
  }
  if (active.length > 0)
    return refused(
      paragraph('It still holds: ', typed(`unmute m${first.id}`), ' ends it, and then this sends what it held back.'),
    );
  if (!call.mayChange)
    return refused(
      paragraph('Only people who may change the room can have them sent. The list alone: ', typed('show held'), '.'),
    );
  const sent = `${counted(held.count, 'event')} that a mute held back ${held.count === 1 ? 'is' : 'are'} sent now`;
  const again = parts.holding(roomId).filter(({ until }) => until > now);
  return {
    outcome: 'done',
    private: false,
    say:
      again.length === 0
        ? [paragraph(`${sent}.`)]
        : [
            paragraph(`${sent}, except what is muted again, and waits for the end of that:`),
            list(again.map((one) => [code(`m${one.id}`), ' ', ...covered(one)])),
          ],
    change: {
      what: `sent what ${mutes.map(({ id }) => `m${id}`).join(', ')} held back: ${counted(held.count, 'event')}`,
      apply: (trx) =>
        parts.release(
          trx,
          mutes.map(({ id }) => id),
          now,
        ),
      after: () => parts.wake(roomId),
    },
  };
}

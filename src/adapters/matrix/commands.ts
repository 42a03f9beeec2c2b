import type { Answer, Invocation } from '../../commands/invocation.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';
import type { Answers } from './answers.ts';
import { behindOwnName, type WrittenLine } from './command-line.ts';
import { printable } from './printable.ts';
import type { Rooms } from './rooms.ts';

export interface MatrixCommandsOptions {
  readonly rooms: Rooms;
  readonly answers: Answers;
  /** The account's id. */
  readonly user: string;
  readonly run: (invocation: Invocation) => Promise<Answer | null>;
  /** Returns true if nothing is read from a person now. */
  readonly ignores: (asker: string) => boolean;
  /** Returns true if a line with the prefix, which other bots may share, is answered. */
  readonly isForUs: (line: string) => boolean;
  /** The start of the process, by the monotonic clock. */
  readonly startedAt: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A command that comes later than this is not what its writer wants any more, in milliseconds. */
const staleMs = 3_600_000;

/** Longest time until the homeserver has said what a person is called, in milliseconds; they are shown by their id otherwise. */
const longestNameMs = 3_000;

/**
 * Runs what people write to us, one after the other, and answers each in a thread of it. The position of the sync is saved
 * only afterwards: after a crash the same lines come again, the core knows those that it ran, and the answer's transaction
 * id is made from the event's, so that the room shows it once.
 */
export function createMatrixCommands(options: MatrixCommandsOptions) {
  const { rooms, clock, log, signal } = options;

  /** The homeserver's own count, if it gives one, does not depend on our clock. */
  const ageOf = ({ ageMs, sentAt }: WrittenLine) => ageMs ?? clock.wall() - sentAt;

  /** Other commands wait for this one, so a homeserver that does not answer holds them up for a moment only. */
  async function nameOf({ room, sender }: WrittenLine): Promise<string | null> {
    const tooLate = new AbortController();
    const cancel = clock.after(longestNameMs, () => tooLate.abort());
    const until = AbortSignal.any([signal, tooLate.signal]);
    return rooms.displayName(room, sender, until).finally(cancel);
  }

  async function behindNameInRoom({ room, text }: WrittenLine): Promise<string | null> {
    const name = await rooms.ownName(room, options.user, signal);
    return name === null ? null : behindOwnName(text, name);
  }

  /** A line that is older than `oldMs` was written before the start. */
  async function answer(line: WrittenLine, oldMs: number): Promise<void> {
    const ageMs = ageOf(line);
    if (ageMs > staleMs) return;
    // Whatever we would answer to could not be said there.
    // Before anything is asked for their sake.
    if (options.ignores(line.sender)) return;
    // Anybody at a homeserver on the way can write what is not encrypted, in anybody's name.
    if ((await rooms.encryption(line.room, signal)) !== (line.isEncrypted ? 'encrypted' : 'plain')) return;
    const named = line.mayNameUs ? await behindNameInRoom(line) : null;
    const isOurs =
      named !== null || line.addressed === 'name' || (line.addressed === 'prefix' && options.isForUs(line.text));
    const direct = !isOurs && (await rooms.isDirect(line.room, signal));
    if (!isOurs && !direct) return;
    // What was written to others before we came; a conversation may begin with the invitation and a question.
    if (!direct && line.sentAt < (await rooms.joinedAt(line.room, options.user, signal))) return;
    const { power, manages } = await rooms.power(line.room, line.sender, signal);
    const said = await options.run({
      key: `matrix:${line.eventId}`,
      platform: 'matrix',
      room: line.room,
      direct,
      asker: {
        id: line.sender,
        name: () => nameOf(line),
        roles: [],
        manages,
        power,
      },
      said: { kind: 'line', text: named ?? line.text },
      answered: 'counted',
      about: line.repliesTo,
      isOld: ageMs > oldMs,
    });
    if (said !== null) await options.answers.give(line, said);
  }

  return {
    /** `isCatchUp`: they came with the first answer of the homeserver, and may be older than the process. */
    async run(lines: readonly WrittenLine[], isCatchUp: boolean): Promise<void> {
      // Ages are as of the homeserver's answer; some lines wait long for those before them.
      const oldMs = isCatchUp ? clock.monotonic() - options.startedAt : Number.POSITIVE_INFINITY;
      for (const line of lines) {
        if (signal.aborted) return;
        try {
          await answer(line, oldMs);
        } catch (err) {
          log.error({ platform: 'matrix', room: printable(line.room), err }, 'a command could not be answered');
        }
      }
    },
  };
}

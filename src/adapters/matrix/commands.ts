import { createHash } from 'node:crypto';
import { type Clock, sleep } from '../../clock.ts';
import type { Answer, Invocation } from '../../commands/invocation.ts';
import type { Log } from '../../log.ts';
import type { WrittenLine } from './command-line.ts';
import { format } from './format/format.ts';
import { printable } from './printable.ts';
import type { Rooms } from './rooms.ts';
import { type SendContext, sendMessage } from './send.ts';

export interface MatrixCommandsOptions {
  readonly rooms: Rooms;
  readonly context: () => SendContext;
  readonly run: (invocation: Invocation) => Promise<Answer | null>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A command that comes later than this is not what its writer wants any more, in milliseconds. */
const staleMs = 3_600_000;
/** So often an answer is tried, and so long it waits at most between two tries, in milliseconds. */
const tries = 5;
const longestWaitMs = 30_000;

/**
 * Runs what people write to us, one after the other, and answers each in a thread of it. The position of the sync is saved
 * only afterwards: after a crash the same lines come again, the core knows those that it ran, and the answer's transaction
 * id is made from the event's, so that the room shows it once.
 */
export function createMatrixCommands(options: MatrixCommandsOptions) {
  const { rooms, clock, log, signal } = options;

  async function answer(line: WrittenLine): Promise<void> {
    if (line.sentAt < clock.now() - staleMs) return;
    // Whatever we would answer to could not be said there.
    if ((await rooms.encryption(line.room, signal)) !== 'plain') return;
    const direct = !line.addressed && (await rooms.isDirect(line.room, signal));
    if (!line.addressed && !direct) return;
    const { power, manages } = await rooms.power(line.room, line.sender, signal);
    const said = await options.run({
      key: `matrix:${line.eventId}`,
      platform: 'matrix',
      room: line.room,
      direct,
      asker: { id: line.sender, roles: [], manages, power },
      said: { kind: 'line', text: line.text },
      about: line.repliesTo,
    });
    if (said !== null) await send(line, said);
  }

  async function send(line: WrittenLine, { message }: Answer): Promise<void> {
    const key = createHash('sha256').update(line.eventId).digest('base64url').slice(0, 22);
    const content = JSON.parse(format(message, key)) as object;
    const relation = {
      rel_type: 'm.thread',
      event_id: line.thread ?? line.eventId,
      is_falling_back: true,
      'm.in_reply_to': { event_id: line.eventId },
    };
    const payload = JSON.stringify({ ...content, 'm.relates_to': relation });
    for (let attempt = 1; attempt <= tries && !signal.aborted; attempt++) {
      const result = await sendMessage({ room: line.room, key, payload }, options.context(), signal);
      if (result.outcome === 'sent') return;
      if (!('waitMs' in result)) {
        const fields = { platform: 'matrix', room: printable(line.room), reason: result.reason };
        return log.debug(fields, 'an answer to a command was refused');
      }
      await sleep(clock, Math.min(longestWaitMs, Math.max(1_000, result.waitMs)), signal);
    }
  }

  return {
    async run(lines: readonly WrittenLine[]): Promise<void> {
      for (const line of lines) {
        if (signal.aborted) return;
        try {
          await answer(line);
        } catch (err) {
          log.error({ platform: 'matrix', room: printable(line.room), err }, 'a command could not be answered');
        }
      }
    },
  };
}

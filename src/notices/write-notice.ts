import type { SendAction } from '../adapters/adapter.ts';
import type { Message } from '../render/message.ts';
import { addNames, hasPeople } from '../rooms/people.ts';
import type { Trx } from '../store/tables.ts';

/** A message of Lookout itself for a room. */
export interface Notice {
  readonly roomId: number;
  readonly subject: string;
  readonly message: Message;
  /** The message that it replies to, if any. */
  readonly answers?: SendAction & { readonly kind: 'reply' | 'thread' };
  /** Unix milliseconds. */
  readonly now: number;
}

/** Stores a notice. From the commit on it waits to be sent and survives a crash. */
export async function writeNotice(
  trx: Pick<Trx, 'insertInto' | 'selectFrom'>,
  { roomId, subject, message, answers, now }: Notice,
): Promise<void> {
  const content = await withNames(trx, roomId, message);
  await trx
    .insertInto('messages')
    .values({
      room_id: roomId,
      subject,
      kind: 'notice',
      platform_id: null,
      redraw_at: null,
      shown: null,
      pinged: null,
      answers: answers?.target ?? null,
      answers_in: answers?.kind ?? null,
      wave: null,
      grows: 0,
      created_at: now,
      content: JSON.stringify(content),
    })
    .execute();
}

/** Adds the names of the people that a message names. */
async function withNames(trx: Pick<Trx, 'selectFrom'>, roomId: number, message: Message): Promise<Message> {
  if (!hasPeople(message)) return message;
  const room = await trx.selectFrom('rooms').select('platform').where('id', '=', roomId).executeTakeFirst();
  return room === undefined ? message : addNames(trx, room.platform, message);
}

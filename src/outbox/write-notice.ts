import type { Message } from '../render/message.ts';
import type { Trx } from '../store/tables.ts';

/** A message of our own for a room. */
export interface Notice {
  readonly roomId: number;
  readonly subject: string;
  readonly message: Message;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Writes a notice down; from the commit on it waits to be sent, also over a crash. */
export async function writeNotice(
  trx: Pick<Trx, 'insertInto'>,
  { roomId, subject, message, now }: Notice,
): Promise<void> {
  await trx
    .insertInto('messages')
    .values({
      room_id: roomId,
      subject,
      kind: 'notice',
      platform_id: null,
      must_redraw: 0,
      wave: null,
      grows: 0,
      created_at: now,
      content: JSON.stringify(message),
    })
    .execute();
}

import { sql } from 'kysely';
import { platformOfAccount } from '../../account-id.ts';
import type { Account } from '../../adapters/adapter.ts';
import type { Database, Trx } from '../../store/tables.ts';
import type { AccountId } from '../../words.ts';
import { leaveRooms } from './leave-rooms.ts';
import { type StoredRoom, unpark } from './rooms.ts';
import { discard } from './settle.ts';

/** The room that a resolved address leads to. */
export interface ResolvedRoom {
  /** Another one's if two written addresses turn out to be one room, to which everything that is to be sent then goes. */
  readonly id: number;
  /** The row whose messages, mutes and quiet hours are its own from now on; null: none. */
  readonly tookOver: number | null;
}

/**
 * Notes the resolved address and its account in one transaction; a room that is another one than before leaves the old one. Returns the
 * room that stands for it, also if another account speaks there.
 */
export async function noteResolved(
  db: Database,
  room: StoredRoom,
  account: Account,
  resolved: string,
  now: number,
): Promise<ResolvedRoom> {
  const key = `${room.platform}:${account.id}:${resolved}`;
  const itself = { id: room.id, tookOver: null };
  // Most rooms are the same as before, also those of an account with thousands that begins here: these are read only.
  const own = db.selectFrom('rooms').select(['key', 'resolved']).where('id', '=', room.id);
  const [known, other] = [await own.executeTakeFirst(), await sameAs(db, room, key, resolved)];
  if (known?.key === key && known.resolved === resolved && room.resolved === resolved && other === undefined)
    return itself;
  return db.transaction().execute(async (trx) => {
    const same = await sameAs(trx, room, key, resolved);
    if (same?.configured !== 1) {
      if (same !== undefined) await takeOver(trx, same, room.id, now);
      await trx.updateTable('rooms').set({ key, resolved }).where('id', '=', room.id).execute();
      if (room.resolved !== null && room.resolved !== resolved) await leaveRooms(trx, [room.id], now);
      return { id: room.id, tookOver: same?.id ?? null };
    }
    if (room.resolved !== null && room.resolved !== resolved) {
      // A message that may be shown in the room that is left is not shown in the other one: it is made anew there.
      const pending = trx.selectFrom('sends').selectAll().where('room_id', '=', room.id);
      for (const send of await pending.where('state', '=', sql.lit('pending')).execute())
        await discard(trx, send, {}, now);
      await leaveRooms(trx, [room.id], now);
    }
    await handOver(trx, room, same.id, now);
    return { id: same.id, tookOver: null };
  });
}

/** Returns another room with this key, or one of another account that leads to the same room; configured ones come first. */
function sameAs(db: Database, room: StoredRoom, key: string, resolved: string) {
  return db
    .selectFrom('rooms')
    .select(['id', 'address', 'configured'])
    .where((e) =>
      e.or([
        e('key', '=', key),
        e.and([
          ...[e('platform', '=', room.platform), e('resolved', '=', resolved)],
          ...[e('account', '<>', room.account), e('configured', '=', 1)],
        ]),
      ]),
    )
    .where('id', '<>', room.id)
    .orderBy('configured', 'desc')
    .executeTakeFirst();
}

/**
 * Hands what a room has to send over to another room of the configuration, since its address leads there: nothing else would send it. What
 * it shows stays with it, and so do its mutes.
 */
async function handOver(trx: Trx, room: StoredRoom, to: number, now: number): Promise<void> {
  await moveWaiting(trx, room.id, to, now);
  const there = trx.selectFrom('deliveries').select('event_id').where('room_id', '=', to);
  await trx
    .updateTable('deliveries')
    .set({ room_id: to })
    .where('room_id', '=', room.id)
    .where('state', 'in', ['planned', 'dead'])
    .where('event_id', 'not in', there)
    .execute();
  const unsent = trx.updateTable('messages').set({ room_id: to }).where('room_id', '=', room.id);
  await unsent.where('platform_id', 'is', null).execute();
  await trx
    .updateTable('sends')
    .set({ room_id: to })
    .where('room_id', '=', room.id)
    .where('state', 'in', ['pending', 'dead'])
    .execute();
  await moveCardsTo(trx, room.id, to);
  // Its key is free for a room of the configuration with that address.
  await trx.updateTable('rooms').set({ key: room.address, resolved: null }).where('id', '=', room.id).execute();
}

/** Notes that a room was replaced by another on its platform: its messages go there from now on, whatever address is written. */
export async function noteReplaced(
  db: Database,
  {
    account,
    from,
    to,
    now,
  }: { readonly account: AccountId; readonly from: string; readonly to: string; readonly now: number },
): Promise<void> {
  const written = `${platformOfAccount(account)}:${from}`;
  await db.transaction().execute(async (trx) => {
    const left = await trx
      .updateTable('rooms')
      .set({ resolved: to })
      .where('account', '=', account)
      .where((e) => e.or([e('resolved', '=', from), e.and([e('resolved', 'is', null), e('address', '=', written)])]))
      .returning('id')
      .execute();
    await leaveRooms(
      trx,
      left.map(({ id }) => id),
      now,
    );
  });
}

/**
 * Takes over the rows of a room for which the configuration writes another address than before: they belong to the new one, also sends
 * without an answer, since it is the same room and their keys still protect.
 */
async function takeOver(
  trx: Trx,
  old: { readonly id: number; readonly address: string },
  to: number,
  now: number,
): Promise<void> {
  await moveWaiting(trx, to, old.id, now);
  await trx.updateTable('messages').set({ room_id: to }).where('room_id', '=', old.id).execute();
  await trx.updateTable('sends').set({ room_id: to }).where('room_id', '=', old.id).execute();
  await moveCardsTo(trx, old.id, to);
  const here = await trx.selectFrom('rooms').select('address').where('id', '=', to).executeTakeFirstOrThrow();
  await trx.updateTable('subscriptions').set({ address: here.address }).where('address', '=', old.address).execute();
  await trx.updateTable('mutes').set({ room_id: to }).where('room_id', '=', old.id).execute();
  await trx.updateTable('quiet_hours').set({ room_id: to }).where('room_id', '=', old.id).execute();
  // These were cancelled here because the room got them under its other name: now there is one name.
  await trx
    .deleteFrom('deliveries')
    .where('room_id', '=', to)
    .where('state', '=', 'cancelled')
    .where('event_id', 'in', trx.selectFrom('deliveries').select('event_id').where('room_id', '=', old.id))
    .execute();
  await unpark(trx).where('room_id', '=', old.id).execute();
  const left = trx.updateTable('deliveries').where('room_id', '=', old.id);
  const there = trx.selectFrom('deliveries').select('event_id').where('room_id', '=', to);
  await left.set({ room_id: to }).where('event_id', 'not in', there).execute();
  // The key goes to the new address; the written one stands in, as before it was resolved.
  await trx.updateTable('rooms').set({ key: old.address }).where('id', '=', old.id).execute();
}

/** Gives the cards of a room to another, except those of subjects that it has a card of. */
async function moveCardsTo(trx: Trx, from: number, to: number): Promise<void> {
  const shown = trx.selectFrom('cards').select('subject').where('room_id', '=', to);
  const cards = trx.updateTable('cards').set({ room_id: to }).where('room_id', '=', from);
  await cards.where('subject', 'not in', shown).execute();
}

/**
 * Moves the deliveries that wait in a room, and its notices that were not sent, to another one, to which its address leads. Returns false
 * if there are none.
 */
export async function moveStrays(db: Database, from: number, to: number, now: number): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const waiting = trx.selectFrom('deliveries').select('id').where('room_id', '=', from);
    const hasWaiting =
      (await waiting.where('state', '=', sql.lit('waiting')).limit(1).executeTakeFirst()) !== undefined;
    if (hasWaiting) await moveWaiting(trx, from, to, now);
    const notices = trx.updateTable('messages').set({ room_id: to }).where('room_id', '=', from);
    const unsent = notices.where('platform_id', 'is', null).where('content', 'is not', null);
    return (await unsent.returning('id').execute()).length > 0 || hasWaiting;
  });
}

async function moveWaiting(trx: Trx, from: number, to: number, now: number): Promise<void> {
  const there = trx.selectFrom('deliveries').select('event_id').where('room_id', '=', to);
  const waiting = trx.updateTable('deliveries').where('room_id', '=', from).where('state', '=', sql.lit('waiting'));
  await waiting
    .set({ state: 'cancelled', reason: 'the same room under another name has it', settled_at: now })
    .where('event_id', 'in', there)
    .execute();
  await waiting.set({ room_id: to }).execute();
}

import type { Database } from '../store/tables.ts';

/** How long a room belongs to the process that claimed it, in milliseconds; renewed at half time. */
export const LEASE_MS = 30_000;

/** Claims a room, or renews the claim. False while another process has it. */
export async function claimRoom(db: Database, roomId: number, owner: string, now: number): Promise<boolean> {
  const result = await db
    .updateTable('rooms')
    .set({ owner, lease_until: now + LEASE_MS })
    .where('id', '=', roomId)
    .where((e) => e.or([e('owner', 'is', null), e('owner', '=', owner), e('lease_until', '<=', now)]))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Gives rooms back at the end, so that the next process need not wait for the lease. */
export async function releaseRooms(db: Database, owner: string): Promise<void> {
  await db.updateTable('rooms').set({ owner: null, lease_until: 0 }).where('owner', '=', owner).execute();
}

/** Takes every room from whoever had it: right only for the process that holds the lock of the whole store. */
export async function endAllClaims(db: Database): Promise<void> {
  await db.updateTable('rooms').set({ owner: null, lease_until: 0 }).execute();
}

import type { Database, Trx } from '../store/tables.ts';

/** One change that somebody made by a command. */
export interface AuditEntry {
  /** Unix milliseconds. */
  readonly at: number;
  /** The room that it was said in. */
  readonly address: string;
  /** The platform's id of a person. */
  readonly author: string;
  readonly command: string;
  readonly what: string;
}

export async function noteAudit(trx: Trx, entry: AuditEntry): Promise<void> {
  await trx.insertInto('audit').values(entry).execute();
}

/** The newest `limit` changes, oldest first; those of one room where it is named by its address. */
export async function listAudit(db: Database, limit: number, address: string | null): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit').select(['at', 'address', 'author', 'command', 'what']);
  if (address !== null) query = query.where('address', '=', address);
  const newest = await query.orderBy('id', 'desc').limit(limit).execute();
  return newest.reverse();
}

/** Returns the addresses of the rooms in which commands changed something. */
export async function listAuditedAddresses(db: Database): Promise<string[]> {
  const rows = await db.selectFrom('audit').select('address').distinct().execute();
  return rows.map(({ address }) => address);
}

import type { ConnectionOptions } from 'node:tls';
import type { Secret } from '../../secrets/secret.ts';

/** The place of a database on a PostgreSQL server. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Null: the server asks for none. */
  readonly password: Secret | null;
  /** False: no TLS. */
  readonly ssl: ConnectionOptions | false;
}

/** Names the database without its password: `postgres://lookout@db.example:5432/lookout`. */
export function describeAddress({ host, port, user, database }: PostgresAddress): string {
  const shown = host.startsWith('/') ? '' : host.includes(':') ? `[${host}]` : host;
  const at = `postgres://${encodeURIComponent(user)}@${shown}${port === 5432 ? '' : `:${port}`}/${encodeURIComponent(database)}`;
  return host.startsWith('/') ? `${at}?host=${host}` : at;
}

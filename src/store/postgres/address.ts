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

/** Names the database without its password: `postgres://lookout@db.example.org/lookout`. */
export function describeAddress({ host, port, user, database }: PostgresAddress): string {
  const path = `/${encodeURIComponent(database)}`;
  if (host.startsWith('/')) return `postgres://${path}?host=${host}&user=${encodeURIComponent(user)}`;
  const shown = host.includes(':') ? `[${host}]` : host;
  return `postgres://${encodeURIComponent(user)}@${shown}${port === 5432 ? '' : `:${port}`}${path}`;
}

import type { Trouble } from '../trouble.ts';

/** The connection could not be made; the cause says why. */
export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';

  constructor(cause: unknown) {
    super('no connection to the database', { cause: readable(cause) });
  }
}

/** There is a connection pool between Lookout and the server that does not leave a connection its process of the server. */
export class PoolerError extends Error {
  override readonly name = 'PoolerError';

  /** @param how what it does, and how that was seen */
  constructor(how: string, cause?: unknown) {
    super(`a connection pool such as PgBouncer is in between, and ${how}`, { cause });
  }
}

/** This process lost its lease: another one works, and what this one had under way was not written. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';

  constructor() {
    super('this process lost its lease on the database: another one works now');
  }
}

/** Errors of pg itself, which have no code. */
const lostTexts =
  /^(?:Connection terminated|Query read timeout|timeout expired|Client has encountered|Client was closed)/;
/**
 * Errors of the network, and of a server that ends its connections or has none left:
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const lostCodes =
  /^(?:08...|57P0[1-5]|25P0[34]|53300|E(?:CONN[A-Z]+|PIPE|TIMEDOUT|HOST[A-Z]+|NET[A-Z]+|AI_AGAIN)|ENOTFOUND)$/;

/** Returns true if an error means that the connection is gone, or could not be made. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof NotConnectedError) return isConnectionLost(error.cause);
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  // A socket that is missing, not another file.
  if (code === 'ENOENT') return syscall === 'connect';
  return typeof code === 'string' ? lostCodes.test(code) : lostTexts.test(error.message);
}

/** Classes of errors behind which is a problem of the server, not a fault of ours. */
const troubles: readonly (readonly [RegExp, Trouble])[] = [
  [/^53100$/, 'full'],
  [/^(?:40001|40P01|55P03|57014)$/, 'locked'],
  [/^(?:25006|42501)$/, 'readOnly'],
  [/^(?:53|58|XX)/, 'failing'],
];

/** Returns the problem of the server behind an error; null if the server is not the cause. */
export function postgresTrouble(error: unknown): Trouble | null {
  if (isConnectionLost(error)) return 'unreachable';
  // Of a password, a certificate, a database that is not there: no fault of what was to be written.
  if (error instanceof NotConnectedError) return 'refused';
  if (error instanceof LeaseLostError) return 'takenOver';
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  if (typeof code !== 'string' || typeof severity !== 'string') return null;
  return troubles.find(([pattern]) => pattern.test(code))?.[1] ?? null;
}

const withoutPool =
  "name the server's own host and port in the URL (PostgreSQL's is 5432, PgBouncer's 6432), or set `pool_mode=session pool_size=20` for this database in PgBouncer";

const passwordPlaces = '`password_file` in the configuration, `--password-file` on the command line';
/** Advice about a server that does not answer. */
export const whenUnreachable = 'check that the PostgreSQL server runs, and that this machine can reach it';
/** Advice about a server that refuses the connection. */
export const whenRefused =
  'check user, password and sslmode in the configuration, that the database exists, and pg_hba.conf and the certificate of the server';

/** Remedies for refused connections: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const remedies: readonly (readonly [RegExp, string])[] = [
  [/^3D000$/, 'create the database on the server, for example with `createdb`, or correct the name in the URL'],
  [/^28/, `check the user in the URL, its password (${passwordPlaces}), and \`pg_hba.conf\` on the server`],
  [/^42501$/, 'give the user the right to create and change tables in this database, or make it the owner'],
  [/CERT|^UNABLE_TO/, 'name the authority of its certificate in the URL: `?sslrootcert=ca.pem`'],
];

/** Says what to do about a database that could not be opened; null if the error does not come from a server. */
export function postgresRemedy(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof NotConnectedError) return postgresRemedy(error.cause) ?? whenRefused;
  if (error instanceof PoolerError) return withoutPool;
  const { code } = error as { code?: unknown };
  if (/does not support SSL/.test(error.message))
    return 'let the server speak TLS, or write `?sslmode=disable` behind the URL if the network is private';
  if (error.message === wantsPassword) return `name a file with it: ${passwordPlaces}`;
  const remedy = typeof code === 'string' ? remedies.find(([pattern]) => pattern.test(code))?.[1] : undefined;
  return remedy ?? (isConnectionLost(error) ? whenUnreachable : null);
}

/** Returns the text of an error; of a connection that could not be made, the text of its cause. */
export function reasonOf(error: unknown): string {
  if (error instanceof NotConnectedError) return reasonOf(error.cause);
  return error instanceof Error ? error.message : String(error);
}

const wantsPassword = 'the server wants a password';

/** Returns an error with a text for people in place of one without. Its code stays. */
function readable(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (/client password must be a string/.test(error.message)) return new Error(wantsPassword, { cause: error });
  // Node names each address that it tried: https://nodejs.org/api/net.html#netgetdefaultautoselectfamily
  if (!(error instanceof AggregateError) || error.message !== '') return error;
  const { code } = error as { code?: unknown };
  return Object.assign(new Error(error.errors.map(reasonOf).join('; ')), { code });
}

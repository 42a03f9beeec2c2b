import { readFileSync } from 'node:fs';
import { Secret } from '../secrets/secret.ts';
import type { PostgresAddress } from '../store/postgres/address.ts';
import { type Context, resolvePath } from './context.ts';

/** The parameters of a URL that Lookout knows, as libpq names them. */
const known = ['sslmode', 'sslrootcert', 'host', 'user'] as const;
const modes = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
type Mode = (typeof modes)[number];

const example = 'postgres://lookout@db.example.org/lookout';

const inPassword = `write ${example}, and %25 for a % in it, %23 for a #, %2F for a /; or put the password into password_file`;

export type ReadAddress =
  | { readonly outcome: 'address'; readonly address: PostgresAddress }
  | { readonly outcome: 'wrong'; readonly wrong: string; readonly right: string };

/**
 * Reads the URL of a PostgreSQL database, as libpq writes it. Without `sslmode` the certificate of a server is checked, unless it
 * is on this machine. The password may be in the URL or, better, in `password_file`.
 */
export function readPostgres(context: Context, text: string, password: Secret | null): ReadAddress {
  const wrong = (what: string, right = `write ${example}`): ReadAddress => ({ outcome: 'wrong', wrong: what, right });
  // URL knows no host for a scheme of its own without an authority.
  if (!URL.canParse(text) || !isDecodable(text)) return wrong('this is not the URL of a database', inPassword);
  const url = new URL(text);
  const unknown = [...url.searchParams.keys()].find((name) => !(known as readonly string[]).includes(name));
  if (unknown !== undefined) return wrong(`"${unknown}" is not known here`, `use ${known.join(', ')}`);
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '' || database.includes('/')) return wrong('the URL names no database');
  const user = url.searchParams.get('user') ?? decodeURIComponent(url.username);
  if (user === '') return wrong('the URL names no user');
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '');
  if (host === '')
    return wrong(
      'the URL names no server',
      `write ${example}, or postgres:///lookout?host=/var/run/postgresql&user=lookout for a socket`,
    );
  if (url.password !== '' && password !== null)
    return wrong('the password is here, and in password or password_file', 'keep one of them');
  const isHere = host.startsWith('/') || ['localhost', '127.0.0.1', '::1'].includes(host);
  const mode = (url.searchParams.get('sslmode') ?? (isHere ? 'disable' : 'verify-full')) as Mode;
  if (!modes.includes(mode)) return wrong(`sslmode=${mode} is not known`, `use ${modes.join(', ')}`);
  const certificates = url.searchParams.get('sslrootcert');
  const ca = certificates === null ? null : certificateIn(resolvePath(context, certificates));
  if (ca === false) return wrong(`${certificates} cannot be read`, 'name a file with the certificate of the authority');
  const written = url.password === '' ? null : new Secret(decodeURIComponent(url.password), 'the URL');
  if (written !== null) context.secrets.push(written);
  const ssl = mode === 'disable' ? (false as const) : tlsOf(mode, ca);
  return {
    outcome: 'address',
    address: { host, port: Number(url.port) || 5432, user, database, password: written ?? password, ssl },
  };
}

function tlsOf(mode: Exclude<Mode, 'disable'>, ca: string | null) {
  return {
    rejectUnauthorized: mode !== 'require',
    ...(ca === null ? {} : { ca }),
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
  };
}

/** Returns false if a `%` is not followed by two digits, or if they are of no character. */
function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Returns the file's text; false if it cannot be read. */
function certificateIn(path: string): string | false {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return false;
  }
}

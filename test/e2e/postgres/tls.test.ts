import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect } from '../../../src/store/postgres/connection.ts';
import { isConnectionLost, reasonOf } from '../../../src/store/postgres/errors.ts';
import { troubleOf } from '../../../src/store/trouble.ts';
import { read } from '../../config/config-files.ts';
import { type PostgresServer, serverOwner, startPostgres } from '../../support/postgres/server.ts';

let server: PostgresServer;
let folder: string;
let certificate: string;
const warnings: Error[] = [];
const onWarning = (warning: Error) => warnings.push(warning);

beforeAll(async () => {
  process.on('warning', onWarning);
  folder = mkdtempSync(join(tmpdir(), 'lookout-tls-'));
  chmodSync(folder, 0o755);
  certificate = join(folder, 'server.crt');
  const key = join(folder, 'server.key');
  const named = ['-subj', '/CN=lookout', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate, ...named],
    { stdio: 'ignore' },
  );
  const { uid, gid } = serverOwner();
  if (uid !== undefined && gid !== undefined) chownSync(key, uid, gid);
  chmodSync(key, 0o600);
  server = await startPostgres(['ssl=on', `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`]);
});
afterAll(async () => {
  process.off('warning', onWarning);
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** Connects as a configuration says. Returns true if the connection is encrypted. */
async function isEncrypted(host: string, parameters: string): Promise<boolean> {
  const { port } = server.address('postgres');
  const { config, said } = read(
    `store: "postgres://lookout@${host}:${port}/postgres?${parameters}"\nsource: { url: demo }\nsubscriptions: [{ events: posts, rooms: "console:x" }]\n`,
  );
  expect(said).toEqual([]);
  if (config?.store.kind !== 'postgres') throw new Error('not a database on a server');
  const connection = await connect(config.store.address, 'test');
  try {
    const { rows } = await connection.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
    return rows[0]?.ssl === true;
  } finally {
    await connection.end();
  }
}

it.each([
  ['localhost', 'sslmode=disable', false],
  ['localhost', 'sslmode=require', true],
  ['127.0.0.1', 'sslmode=require', true],
  ['localhost', 'sslmode=verify-full&sslrootcert=CA', true],
  ['127.0.0.1', 'sslmode=verify-ca&sslrootcert=CA', true],
])('a server on %s is reached with %s', async (host, parameters, encrypted) => {
  expect(await isEncrypted(host, parameters.replace('CA', certificate))).toBe(encrypted);
  // Node warns of a server name that is an IP address.
  expect(warnings).toEqual([]);
});

it.each([
  ['localhost', 'sslmode=verify-full', 'self-signed'],
  ['localhost', 'sslmode=verify-ca', 'self-signed'],
  ['127.0.0.1', 'sslmode=verify-full&sslrootcert=CA', "does not match certificate's altnames"],
])('a server on %s whose certificate does not do is refused with %s', async (host, parameters, why) => {
  const refused = await isEncrypted(host, parameters.replace('CA', certificate)).catch((err: unknown) => err);
  expect(reasonOf(refused)).toContain(why);
  // It is a problem of the server, not a fault of the message that is being written; and waiting does not help.
  expect(troubleOf(refused)).toBe('refused');
  expect(isConnectionLost(refused)).toBe(false);
});

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresAddress } from '../../../src/store/postgres/address.ts';
import { freePort, startChild } from '../child.ts';
import { serverOwner } from './server.ts';

/** PgBouncer's ways to share connections: https://www.pgbouncer.org/config.html#pool_mode */
export type PoolMode = 'session' | 'transaction' | 'statement';

/** A real PgBouncer on loopback before a server. */
export interface PgBouncer {
  /** The address of a database behind it. */
  address(database: string): PostgresAddress;
  stop(): Promise<void>;
}

/** Returns the program. Throws with the command that installs it. */
function pgbouncerProgram(): string {
  const places = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/opt/homebrew/bin/pgbouncer'];
  const found = places.find((place) => existsSync(place));
  if (found !== undefined) return found;
  throw new Error(
    'PgBouncer is missing. On Debian or Ubuntu: sudo apt-get install -y --no-install-recommends pgbouncer',
  );
}

/** Starts PgBouncer with its defaults but for the mode and a few settings, as `pgbouncer.ini` names them. */
export async function startPgBouncer(
  serverPort: number,
  mode: PoolMode,
  settings: readonly string[] = [],
): Promise<PgBouncer> {
  const program = pgbouncerProgram();
  const { uid } = serverOwner();
  const folder = mkdtempSync(join(uid === undefined ? tmpdir() : '/tmp', 'lookout-pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const users = join(folder, 'users.txt');
  writeFileSync(users, '"lookout" ""\n');
  const file = join(folder, 'pgbouncer.ini');
  writeFileSync(
    file,
    [
      '[databases]',
      `* = host=127.0.0.1 port=${serverPort}`,
      '[pgbouncer]',
      ...['listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = trust'],
      ...[`auth_file = ${users}`, `pool_mode = ${mode}`, ...settings],
      '',
    ].join('\n'),
  );
  // It refuses to run as root.
  const user = uid === undefined ? [] : ['-u', execFileSync('id', ['-un', String(uid)], { encoding: 'utf8' }).trim()];
  const child = startChild(program, [...user, file]);
  await child.waitForLine((line) => line.includes('process up'), 'line that it is up', 10_000);
  return {
    address: (database) => ({ host: '127.0.0.1', port, user: 'lookout', database, password: null, ssl: false }),
    async stop() {
      await child.end('SIGINT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

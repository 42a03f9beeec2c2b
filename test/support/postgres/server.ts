import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PostgresAddress } from '../../../src/store/postgres/address.ts';
import { connect } from '../../../src/store/postgres/connection.ts';
import { freePort } from '../child.ts';

/** The folder of Debian's PostgreSQL programs, newest version first. */
const debian = '/usr/lib/postgresql';
/** Longest wait until a server answers, ms. */
const START_MS = 20_000;

/** A PostgreSQL server on loopback, whose data ends with it. */
export interface PostgresServer {
  /** Its first process, whose children are all others. */
  readonly pid: number;
  /** The address of a database on it. */
  address(database: string): PostgresAddress;
  /** The same as `store:` names it. */
  url(database: string): string;
  /** Runs statements as its owner. */
  run(sql: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Stops it (`fast` or `immediate`, which is a crash), and starts it again. */
  restart(how: 'fast' | 'immediate'): Promise<void>;
  /** Stops it as a crash would, and returns what starts it again. */
  halt(): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/** Returns the folder of the server's programs. Throws with the command that installs them. */
export function postgresPrograms(): string {
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions.map((version) => join(debian, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')));
  const bin = process.env.LOOKOUT_POSTGRES_BIN ?? found;
  if (bin === undefined)
    throw new Error(
      'PostgreSQL is missing. On Debian or Ubuntu: sudo apt-get install -y --no-install-recommends postgresql\n' +
        'or name the folder of initdb: LOOKOUT_POSTGRES_BIN=/path/to/bin',
    );
  return bin;
}

/** Starts a server. It does not wait for the disk: these tests kill processes, not machines. */
export async function startPostgres(settings: readonly string[] = []): Promise<PostgresServer> {
  const bin = postgresPrograms();
  const owner = serverOwner();
  // A folder for temporary files that a test chose may be closed to the other user.
  const folder = mkdtempSync(join(owner.uid === undefined ? tmpdir() : '/tmp', 'lookout-postgres-'));
  chmodSync(folder, 0o777);
  const data = join(folder, 'data');
  const initdb = ['-D', data, '-U', 'lookout', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
  // Orders words by language, as servers do by default, so that a test fails if ours depends on it. PostgreSQL 15 or newer.
  const language = ['--locale-provider=icu', '--icu-locale=en-US', '--locale=C.UTF-8'];
  execFileSync(join(bin, 'initdb'), [...initdb, ...language], {
    ...owner,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const port = await freePort();

  async function start() {
    const options = ['fsync=off', 'unix_socket_directories=', 'listen_addresses=127.0.0.1', ...settings];
    const args = ['-D', data, '-p', String(port), ...options.flatMap((one) => ['-c', one])];
    const server = spawn(join(bin, 'postgres'), args, { ...owner, cwd: folder, stdio: 'ignore' });
    // No server outlives this process, however it ends.
    const endWithUs = () => {
      server.kill('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    };
    process.once('exit', endWithUs);
    const ended = new Promise<void>((resolve) =>
      server.once('exit', () => {
        process.off('exit', endWithUs);
        resolve();
      }),
    );
    await answers(address('postgres'));
    return { server, ended };
  }

  function address(database: string): PostgresAddress {
    return { host: '127.0.0.1', port, user: 'lookout', database, password: null, ssl: false };
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    running.server.kill(signal);
    await running.ended;
  }

  let running = await start();
  return {
    get pid() {
      return running.server.pid!;
    },
    address,
    url: (database) => `postgres://lookout@127.0.0.1:${port}/${database}`,
    async run(sql, database = 'postgres') {
      const connection = await connect(address(database), 'test');
      try {
        return (await connection.query(sql)).rows;
      } finally {
        await connection.end();
      }
    },
    async restart(how) {
      await end(how === 'fast' ? 'SIGINT' : 'SIGQUIT');
      running = await start();
    },
    async halt() {
      await end('SIGQUIT');
      return async () => {
        running = await start();
      };
    },
    async stop() {
      await end('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the user of the server, which refuses to run as root: then it is the one that Debian's package makes. */
export function serverOwner(): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

async function answers(address: PostgresAddress): Promise<void> {
  for (const giveUpAt = performance.now() + START_MS; ; ) {
    try {
      await (await connect(address, 'test')).end();
      return;
    } catch (err) {
      if (performance.now() > giveUpAt) throw err;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, startChild } from '../../support/child.ts';
import { createMatrixUser, type MatrixUser } from './matrix-user.ts';
import { synapsePython } from './needs.ts';
import { waitUntil } from './wait-until.ts';

/** A real Synapse homeserver on loopback, `server_name: localhost`, whose data is deleted when it stops. */
export interface SynapseServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Creates an account and returns it, logged in. */
  createUser(name: string): Promise<MatrixUser>;
  /**
   * Logs an account of `createUser` in on a device and returns the access token; the device's former token stops
   * working.
   */
  logIn(user: MatrixUser, device: string): Promise<string>;
  /** The same, for tokens that end, with one that renews them. */
  logInForAWhile(user: MatrixUser, device: string): Promise<{ readonly access: string; readonly refresh: string }>;
  /** Returns the password of an account of `createUser`. */
  passwordOf(user: MatrixUser): string;
  stop(): Promise<void>;
}

/**
 * `off`: the limits on messages, logins, joins and invitations are never reached, for tests that are not about them.
 * `default`: the defaults of Synapse (burst 10, then 0.2 messages a second).
 */
export type Limits = 'off' | 'default';

interface Options {
  readonly limits: Limits;
  /** Lifetime of access tokens of those who ask for a refresh token: `3s`. */
  readonly lifetime: string | undefined;
  /** Messages with this word are refused as spam. */
  readonly refusedWord: string | undefined;
}

const unlimited = { per_second: 100_000, burst_count: 100_000 };

/**
 * The configuration is YAML, and JSON is YAML.
 * https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html
 */
function configuration(directory: string, port: number, secret: string, options: Options): string {
  const { limits, lifetime, refusedWord } = options;
  return JSON.stringify({
    server_name: 'localhost',
    listeners: [{ type: 'http', port, bind_addresses: ['127.0.0.1'], resources: [{ names: ['client'] }] }],
    database: { name: 'sqlite3', args: { database: join(directory, 'homeserver.db') } },
    media_store_path: join(directory, 'media'),
    signing_key_path: join(directory, 'signing.key'),
    log_config: join(directory, 'log.yaml'),
    macaroon_secret_key: secret,
    form_secret: secret,
    registration_shared_secret: secret,
    // These passwords need no protection, and hashing one takes a quarter of a second by default.
    bcrypt_rounds: 4,
    trusted_key_servers: [],
    report_stats: false,
    ...(refusedWord !== undefined && { modules: [{ module: 'refused_word.Checker', config: { word: refusedWord } }] }),
    ...(lifetime !== undefined && { refreshable_access_token_lifetime: lifetime }),
    ...(limits === 'off' && {
      rc_message: unlimited,
      rc_login: { address: unlimited, account: unlimited, failed_attempts: unlimited },
      rc_joins: { local: unlimited, remote: unlimited },
      rc_invites: { per_room: unlimited, per_user: unlimited, per_issuer: unlimited },
    }),
  });
}

const logConfiguration = JSON.stringify({
  version: 1,
  formatters: { brief: { format: '%(levelname)s %(name)s %(message)s' } },
  handlers: { console: { class: 'logging.StreamHandler', formatter: 'brief' } },
  root: { level: 'WARNING', handlers: ['console'] },
});

/** https://element-hq.github.io/synapse/latest/modules/spam_checker_callbacks.html#check_event_for_spam */
const wordChecker = `
from synapse.module_api import NOT_SPAM, errors

class Checker:
    def __init__(self, config, api):
        self.word = config["word"]
        api.register_spam_checker_callbacks(check_event_for_spam=self.check)

    async def check(self, event):
        return errors.Codes.FORBIDDEN if self.word in str(event.content) else NOT_SPAM
`;

/** Starts a homeserver with an empty database. */
export async function startSynapse(limits: Limits, lifetime?: string, refusedWord?: string): Promise<SynapseServer> {
  const directory = await mkdtemp(join(tmpdir(), 'lookout-synapse-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const secret = randomBytes(16).toString('hex');
  const file = join(directory, 'homeserver.yaml');
  await writeFile(file, configuration(directory, port, secret, { limits, lifetime, refusedWord }));
  await writeFile(join(directory, 'refused_word.py'), wordChecker);
  await writeFile(join(directory, 'log.yaml'), logConfiguration);
  // The key file's format: algorithm, version, 32 bytes in unpadded base64.
  const seed = randomBytes(32).toString('base64').replaceAll('=', '');
  await writeFile(join(directory, 'signing.key'), `ed25519 a_test ${seed}\n`);
  const child = startChild(synapsePython(), ['-m', 'synapse.app.homeserver', '--config-path', file], {
    cwd: directory,
  });
  const answering = waitUntil('an answer from Synapse', () => answers(`${url}/_matrix/client/versions`), {
    timeoutMs: 60_000,
  });
  await child.whileRunning(answering);

  const passwords = new Map<string, string>();
  return {
    url,
    async createUser(name) {
      const password = randomBytes(12).toString('hex');
      const user = await register(url, secret, name, password);
      passwords.set(user.id, password);
      return user;
    },
    logIn: async ({ id }, device) => (await logIn(url, id, passwords.get(id) ?? '', device)).access_token,
    async logInForAWhile({ id }, device) {
      const given = await logIn(url, id, passwords.get(id) ?? '', device, { refresh_token: true });
      return { access: given.access_token, refresh: given.refresh_token ?? '' };
    },
    passwordOf: ({ id }) => passwords.get(id) ?? '',
    async stop() {
      await child.end('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<true | undefined> {
  const response = await fetch(url).catch(() => undefined);
  return response?.ok ? true : undefined;
}

/** https://element-hq.github.io/synapse/latest/admin_api/register_api.html */
async function register(url: string, secret: string, name: string, password: string): Promise<MatrixUser> {
  const address = `${url}/_synapse/admin/v1/register`;
  const { nonce } = (await (await fetch(address)).json()) as { nonce: string };
  const mac = createHmac('sha1', secret).update([nonce, name, password, 'notadmin'].join('\0')).digest('hex');
  const body = JSON.stringify({ nonce, username: name, password, admin: false, mac });
  const response = await fetch(address, { method: 'POST', body });
  if (!response.ok) throw new Error(`Synapse made no account: ${response.status} ${await response.text()}`);
  const account = (await response.json()) as { user_id: string; access_token: string; device_id: string };
  return createMatrixUser(url, account.user_id, account.access_token);
}

/** https://spec.matrix.org/v1.11/client-server-api/#post_matrixclientv3login */
async function logIn(url: string, user: string, password: string, device: string, more: object = {}) {
  const identifier = { type: 'm.id.user', user };
  const body = JSON.stringify({ type: 'm.login.password', identifier, password, device_id: device, ...more });
  const response = await fetch(`${url}/_matrix/client/v3/login`, { method: 'POST', body });
  if (!response.ok) throw new Error(`${user} cannot log in: ${response.status} ${await response.text()}`);
  return (await response.json()) as { readonly access_token: string; readonly refresh_token?: string };
}

import { type Context, textError, textWarning } from '../../config/context.ts';
import { choice, readKeys, secret, text, texts } from '../../config/key.ts';
import type { SettingsRules } from '../../config/platform.ts';
import { readSecret } from '../../config/read-secret.ts';
import { readServer } from '../../config/read-server.ts';
import type { Mapping, Text } from '../../config/tree.ts';
import type { Secret } from '../../secrets/secret.ts';
import { excerpt } from '../../text/excerpt.ts';
import type { Readers } from './encryption/room-keys.ts';
import { server, user } from './ids.ts';
import { readRecoveryKey } from './recovery-key.ts';
import { storeKeyBytes } from './store-key.ts';

/** `chats.matrix`. */
export interface MatrixSettings {
  /** Scheme and host, no path: `https://matrix.example.org`. */
  readonly homeserver: string;
  readonly token: Secret;
  /** Null: the access token does not end, or somebody replaces it. */
  readonly refreshToken: Secret | null;
  /** Of the OAuth 2.0 client that the tokens were given to; null: they are of a login with the homeserver itself. */
  readonly clientId: string | null;
  /** Users (`@a:b`) and servers (`b`) whose invitations are accepted. */
  readonly invite: readonly string[];
  /** The text that a command in a room begins with; `!` by default. */
  readonly prefix: string;
  /** Encrypts what the store keeps of the account's encryption; null: it is kept as it is. */
  readonly storeKey: Secret | null;
  /** Unlocks the keys with which the account signs its devices; null: they are not needed, or not known. */
  readonly recoveryKey: Secret | null;
  /** The devices that can read messages in encrypted rooms. */
  readonly encryptFor: Readers;
}

const exampleServer = 'https://matrix.example.org';
const keys = {
  homeserver: text({ says: 'the homeserver, without a path', isRequired: true, example: exampleServer }),
  ...secret('token', "the account's access token", { example: `\${MATRIX_TOKEN}` }),
  ...secret('refresh_token', 'the refresh token that came with it, if access tokens end', {
    without: 'the access token is used as long as the homeserver takes it',
    example: `\${MATRIX_REFRESH_TOKEN}`,
  }),
  client_id: text({
    says: 'the id of the OAuth 2.0 client that the tokens were given to',
    without: "they are those of a login over Matrix's own API",
    example: '01JEXAMPLE',
  }),
  invite: texts({
    says: 'users (@you:example.org) and servers (example.org) whose invitations are accepted',
    byDefault: [],
  }),
  prefix: text({ says: 'what a command in a room begins with', byDefault: '!' }),
  ...secret('store_key', '32 random bytes that encrypt the keys of encrypted rooms in the store', {
    without: 'the keys are in the store as they are',
    example: `\${MATRIX_STORE_KEY}`,
  }),
  ...secret('recovery_key', 'the recovery key of an account that was set up with another client', {
    without: 'Lookout makes the keys of the account that sign its devices',
    example: `\${MATRIX_RECOVERY_KEY}`,
  }),
  encrypt_for: choice(['signed_devices', 'all_devices'], {
    says: 'the devices that can read what is sent to encrypted rooms: those signed by their owner, or all',
    byDefault: 'signed_devices',
  }),
};

export const matrixSettings: SettingsRules<MatrixSettings> = {
  keys,
  says: 'the account that Lookout speaks as on Matrix',
  example: `{ homeserver: https://…, token: "\${MATRIX_TOKEN}" }`,
  read,
  summary: ({ homeserver, invite, prefix, encryptFor }) => ({ homeserver, invite, prefix, encrypt_for: encryptFor }),
};

function read(context: Context, map: Mapping | null): MatrixSettings | null {
  if (map === null) return null;
  const token = readSecret(context, map, 'token');
  const { homeserver: written, ...rest } = readKeys(context, map, keys);
  // The client adds `/_matrix/client/…` itself (https://spec.matrix.org/v1.16/client-server-api/#api-standards).
  const rules = { key: 'homeserver', example: exampleServer, path: 'none' } as const;
  const homeserver = written ? readServer(context, written, rules) : null;
  if (!map.entries.has('token') && !map.entries.has('token_file')) {
    context.report.error(map.offset, 'Matrix needs an access token', `add "token: \${MATRIX_TOKEN}" or "token_file:"`);
  }
  const refreshToken = readSecret(context, map, 'refresh_token');
  const hasRefreshToken = map.entries.has('refresh_token') || map.entries.has('refresh_token_file');
  if (hasRefreshToken && !context.isLasting)
    context.report.error(
      map.offset,
      'a refresh token is good for one use, and a store in memory forgets the one that follows it',
      'write store: sqlite:lookout.db, or use a token that does not end',
    );
  const clientId = rest.client_id?.value.trim() ?? null;
  if (rest.client_id !== null && !hasRefreshToken)
    textError(
      context,
      rest.client_id,
      0,
      '"client_id" is of use with a refresh token alone',
      'add "refresh_token:", or remove it',
    );
  const invite = rest.invite.filter((item) => isInviter(context, item)).map((item) => item.value);
  const prefix = readPrefix(context, rest.prefix);
  const storeKey = readStoreKey(context, map);
  const recoveryKey = readRecoverySecret(context, map);
  warnOfStore(context, map);
  if (homeserver === null || token === null || prefix === null || (hasRefreshToken && refreshToken === null))
    return null;
  const encryption = { storeKey, recoveryKey, encryptFor: rest.encrypt_for };
  return { homeserver, token, refreshToken, clientId, invite, prefix, ...encryption };
}

/** Reads the key of the store; null: there is none, or it is wrong, which is reported. */
function readStoreKey(context: Context, map: Mapping): Secret | null {
  const key = readSecret(context, map, 'store_key');
  if (key === null || storeKeyBytes(key.reveal()) !== null) return key;
  const entry = map.entries.get('store_key') ?? map.entries.get('store_key_file');
  context.report.error(
    entry?.keyOffset ?? map.offset,
    'store_key does not have 32 bytes in base64 or hex',
    'make one with: openssl rand -base64 32',
  );
  return null;
}

/** Reads the recovery key; null: there is none, or it is mistyped, which is reported. */
function readRecoverySecret(context: Context, map: Mapping): Secret | null {
  const secret = readSecret(context, map, 'recovery_key');
  const key = secret === null ? null : readRecoveryKey(secret.reveal());
  if (key === null || 'bytes' in key) return secret;
  const entry = map.entries.get('recovery_key') ?? map.entries.get('recovery_key_file');
  context.report.error(
    entry?.keyOffset ?? map.offset,
    `the recovery key ${key.wrong}`,
    'copy it again from where it was shown, all 48 letters and digits',
  );
  return null;
}

/**
 * Warns of a store that forgets, or shows, the keys of encrypted rooms. Of one that forgets only if such rooms are certainly meant:
 * who tries Lookout out in plain rooms needs no store.
 */
function warnOfStore({ report, isLasting }: Context, { entries, offset }: Mapping): void {
  const meant = entries.get('encrypt_for');
  if (!isLasting && meant !== undefined)
    report.warning(
      meant.keyOffset,
      'a store in memory forgets the keys of encrypted rooms, which get nothing from the second start on',
      'write store: sqlite:lookout.db',
    );
  if (isLasting && !entries.has('store_key') && !entries.has('store_key_file'))
    report.warning(
      meant?.keyOffset ?? offset,
      'without store_key the keys of encrypted rooms are in the store as they are, for everybody who can read the file',
      'give a store_key before the first encrypted room (openssl rand -base64 32), or log in with lookout login matrix, which makes one',
    );
}

/** Signs alone: with a letter in it, words of people would be commands. Their clients take a line that begins with a slash for themselves. */
function readPrefix(context: Context, written: Text | null): string | null {
  if (written === null) return keys.prefix.byDefault;
  if (/^[^\p{L}\p{N}\s/<>]{1,8}$/u.test(written.value)) return written.value;
  textError(
    context,
    written,
    0,
    `"${excerpt(written.value, 16)}" is not a prefix`,
    'write one to eight signs, such as ! or !!, no letters, blanks or /',
  );
  return null;
}

function isInviter(context: Context, written: Text): boolean {
  if (user.isId(written.value)) return true;
  if (server.isId(written.value)) {
    const doubt = server.doubt(written.value);
    if (doubt !== null) textWarning(context, written, 0, doubt.wrong, doubt.right);
    return true;
  }
  textError(
    context,
    written,
    0,
    `"${written.value}" is neither a user nor a server`,
    'write "@user:example.org" or example.org',
  );
  return false;
}

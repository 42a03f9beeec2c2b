import { parseMatrixServer, parseMatrixUser } from './address.ts';
import type { MatrixConfig } from './config.ts';
import { type Context, textError } from './context.ts';
import { warnOfBareServer } from './read-ids.ts';
import { readSecret } from './read-secret.ts';
import { readServer } from './read-server.ts';
import { getText, getTexts, type Mapping, type Text } from './tree.ts';

/** `chats.matrix`; null where it is not there or something in it is wrong, which is reported. */
export function readMatrix(context: Context, map: Mapping | null): MatrixConfig | null {
  if (map === null) return null;
  const token = readSecret(context, map, 'token');
  const text = getText(map, 'homeserver');
  // The client adds `/_matrix/client/…` itself (https://spec.matrix.org/v1.16/client-server-api/#api-standards).
  const rules = { key: 'homeserver', example: 'https://matrix.example.org', path: 'none' } as const;
  const homeserver = text ? readServer(context, text, rules) : null;
  if (!map.entries.has('token') && !map.entries.has('token_file')) {
    context.report.error(map.offset, 'Matrix needs an access token', `add "token: \${MATRIX_TOKEN}" or "token_file:"`);
  }
  const invite = getTexts(map, 'invite')
    .filter((item) => isInviter(context, item))
    .map((item) => item.value);
  const prefix = readPrefix(context, getText(map, 'prefix'));
  return homeserver !== null && token !== null && prefix !== null ? { homeserver, token, invite, prefix } : null;
}

/** Signs alone: with a letter in it, words of people would be commands. A slash would be swallowed by their clients. */
function readPrefix(context: Context, text: Text | null): string | null {
  if (text === null) return '!';
  if (/^[^\p{L}\p{N}\s/<>]{1,8}$/u.test(text.value)) return text.value;
  textError(
    context,
    text,
    0,
    `"${text.value.slice(0, 16)}" is no prefix`,
    'write one to eight signs, such as ! or !!, no letters, blanks or /',
  );
  return null;
}

function isInviter(context: Context, text: Text): boolean {
  if (parseMatrixUser(text.value)) return true;
  if (parseMatrixServer(text.value)) {
    warnOfBareServer(context, text);
    return true;
  }
  textError(
    context,
    text,
    0,
    `"${text.value}" is neither a user nor a server`,
    'write "@user:example.org" or example.org',
  );
  return false;
}

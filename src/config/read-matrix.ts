import { parseMatrixServer, parseMatrixUser } from './address.ts';
import type { MatrixConfig } from './config.ts';
import { type Context, isLoopback, textError, textWarning } from './context.ts';
import { readSecret } from './read-secret.ts';
import { getText, getTexts, type Mapping, type Text } from './tree.ts';

/** `chats.matrix`; null where it is not there or something in it is wrong, which is reported. */
export function readMatrix(context: Context, map: Mapping | null): MatrixConfig | null {
  if (map === null) return null;
  const token = readSecret(context, map, 'token');
  const text = getText(map, 'homeserver');
  const homeserver = text ? readHomeserver(context, text) : null;
  if (!map.entries.has('token') && !map.entries.has('token_file')) {
    context.report.error(map.offset, 'Matrix needs an access token', `add "token: \${MATRIX_TOKEN}" or "token_file:"`);
  }
  const invite = getTexts(map, 'invite')
    .filter((item) => isInviter(context, item))
    .map((item) => item.value);
  return homeserver !== null && token !== null ? { homeserver, token, invite } : null;
}

/** Scheme and host. The client adds `/_matrix/client/…` itself (https://spec.matrix.org/v1.16/client-server-api/#api-standards). */
function readHomeserver(context: Context, text: Text): string | null {
  const written = text.value.trim();
  const wrong = (what: string, right: string) => {
    textError(context, text, 0, what, right);
    return null;
  };
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const bare = /^[\w.-]+(?::\d+)?$/.test(written);
    return wrong(
      '"homeserver" is no web address',
      bare ? `write https://${written}` : 'write https://matrix.example.org',
    );
  }
  if (url.username !== '' || url.password !== '')
    return wrong('"homeserver" has a user or password in it', 'remove what stands before the @');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return wrong('"homeserver" has more than a host in it', `write ${url.origin}`);
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    textWarning(context, text, 0, `http:// to ${url.hostname} sends the token unencrypted`, `use https://${url.host}`);
  }
  return url.origin;
}

function isInviter(context: Context, text: Text): boolean {
  if (parseMatrixUser(text.value) || parseMatrixServer(text.value)) return true;
  textError(
    context,
    text,
    0,
    `"${text.value}" is neither a user nor a server`,
    'write "@user:example.org" or example.org',
  );
  return false;
}

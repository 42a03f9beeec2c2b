import type { SetupParts } from '../../setup.ts';
import { SetupError } from '../../setup.ts';
import { openLoopback } from './loopback.ts';
import type { LoginTokens } from './tokens.ts';
import type { Web } from './web.ts';
import { logInWithLoginToken } from './with-password.ts';

/** Logs in through the homeserver's page in a browser: https://spec.matrix.org/v1.18/client-server-api/#sso-client-loginauthentication */
export async function logInWithSso(homeserver: string, web: Web, parts: SetupParts): Promise<LoginTokens> {
  const loopback = await openLoopback(null);
  try {
    const url = new URL(`${homeserver}/_matrix/client/v3/login/sso/redirect`);
    url.searchParams.set('redirectUrl', loopback.url);
    sayWhere(url.href, loopback.url, parts);
    const token = (await visit(loopback.visited, parts.signal)).get('loginToken');
    if (token === null) throw new SetupError('the page came back without a login: run the command once more');
    return await logInWithLoginToken(token, homeserver, web, parts);
  } finally {
    loopback.close();
  }
}

/** Tells a person which page to open, and how if the browser is on another machine. */
export function sayWhere(page: string, back: string, { say }: SetupParts): void {
  const { port } = new URL(back);
  say(`Open this page in a browser on this machine, and log in as the bot:\n\n  ${page}\n`);
  say(`(Over SSH: connect with \`ssh -L ${port}:127.0.0.1:${port} …\` and open it at home.) Waiting …`);
}

/** Resolves with the visit; throws a `SetupError` once the person gave up. */
export async function visit(visited: Promise<URLSearchParams>, signal: AbortSignal): Promise<URLSearchParams> {
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new SetupError('stopped'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([visited, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

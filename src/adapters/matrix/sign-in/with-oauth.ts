import { createHash, randomBytes, randomInt } from 'node:crypto';
import { isLoopback } from '../../../text/is-loopback.ts';
import { type JsonObject, listOf, textOf } from '../../../text/json.ts';
import { sleep } from '../../../time/clock.ts';
import { SetupError, type SetupParts } from '../../setup.ts';
import { openLoopback } from './loopback.ts';
import { type LoginTokens, readTokens } from './tokens.ts';
import { refusalText, type Web } from './web.ts';
import { deviceName } from './with-password.ts';
import { sayWhere, visit } from './with-sso.ts';

/** Login over the OAuth 2.0 server of a homeserver: https://spec.matrix.org/v1.18/client-server-api/#oauth-20-api */

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';
/** The web page about the client that registration asks for; what Lookout shows comes from there. */
const clientUri = 'https://metasmoke.erwaysoftware.com/';
/** The path that is registered; the port is added when it is known (https://www.rfc-editor.org/rfc/rfc8252#section-7.3). */
const callbackPath = '/callback';

/** The OAuth 2.0 server of a homeserver. */
export interface AuthServer {
  readonly metadata: JsonObject;
  /** The beginning of each scope; homeservers from before Matrix 1.15 know those of the proposal. */
  readonly scopes: 'urn:matrix:client' | 'urn:matrix:org.matrix.msc2967.client';
}

/** Returns the OAuth 2.0 server of a homeserver; null: it has none. */
export async function findAuthServer(homeserver: string, web: Web): Promise<AuthServer | null> {
  const known = await web.get(`${homeserver}/_matrix/client/v1/auth_metadata`);
  if (known.status === 200 && isUsable(known.body)) return { metadata: known.body, scopes: 'urn:matrix:client' };
  const proposed = await web.get(`${homeserver}/_matrix/client/unstable/org.matrix.msc2965/auth_metadata`);
  if (proposed.status !== 200 || !isUsable(proposed.body)) return null;
  return { metadata: proposed.body, scopes: 'urn:matrix:org.matrix.msc2967.client' };
}

/** Logs in by a code on any device if the server knows that, else through a browser on this machine. */
export async function logInWithOAuth(server: AuthServer, web: Web, parts: SetupParts): Promise<LoginTokens> {
  const { metadata } = server;
  const hasDeviceGrant =
    listOf(metadata.grant_types_supported).includes(deviceGrant) && endpoint(metadata, 'device_authorization') !== null;
  const clientId = textOf(parts.given.clientId) ?? (await register(metadata, hasDeviceGrant, web));
  return hasDeviceGrant
    ? withDeviceCode({ ...server, clientId }, web, parts)
    : withBrowser({ ...server, clientId }, web, parts);
}

interface Client extends AuthServer {
  readonly clientId: string;
}

/** https://spec.matrix.org/v1.18/client-server-api/#client-registration */
async function register(metadata: JsonObject, hasDeviceGrant: boolean, web: Web): Promise<string> {
  const url = endpoint(metadata, 'registration');
  const remedy = 'ask its admin for a client id, and give it with --client-id';
  if (url === null) throw new SetupError(`the homeserver's OAuth 2.0 server registers no clients: ${remedy}`);
  const answer = await web.postJson(url, {
    ...{ client_name: deviceName, client_uri: clientUri, application_type: 'native' },
    ...{ token_endpoint_auth_method: 'none', response_types: ['code'] },
    redirect_uris: [`http://127.0.0.1${callbackPath}`],
    grant_types: ['authorization_code', 'refresh_token', ...(hasDeviceGrant ? [deviceGrant] : [])],
  });
  const id = textOf(answer.body.client_id);
  if (answer.status > 299 || id === null)
    throw new SetupError(
      `the homeserver's OAuth 2.0 server refuses Lookout as a client (${refusalText(answer)}): ${remedy}`,
    );
  return id;
}

/** https://www.rfc-editor.org/rfc/rfc8628#section-3 */
async function withDeviceCode(client: Client, web: Web, { clock, signal, say }: SetupParts): Promise<LoginTokens> {
  const { metadata, clientId } = client;
  const asked = await web.postForm(required(metadata, 'device_authorization'), {
    client_id: clientId,
    scope: scopeOf(client),
  });
  const { device_code: code, user_code: shown, verification_uri: page, verification_uri_complete: whole } = asked.body;
  if (asked.status !== 200 || textOf(code) === null || textOf(page) === null)
    throw new SetupError(`the homeserver's OAuth 2.0 server gives no code to log in with (${refusalText(asked)})`);
  say(`Open this page in any browser, log in as the bot, and allow Lookout:\n\n  ${textOf(whole) ?? textOf(page)}\n`);
  say(`Its code is ${textOf(shown) ?? 'in the address'}. Waiting …`);
  const until = clock.monotonic() + seconds(asked.body.expires_in, 1_800);
  let intervalMs = seconds(asked.body.interval, 5);
  while (clock.monotonic() < until) {
    await sleep(clock, intervalMs, signal);
    if (signal.aborted) throw new SetupError('stopped');
    const answer = await web.postForm(required(metadata, 'token'), {
      ...{ grant_type: deviceGrant, device_code: textOf(code) ?? '', client_id: clientId },
    });
    const error = textOf(answer.body.error);
    if (error === 'slow_down') intervalMs += 5_000;
    else if (error === 'access_denied') throw new SetupError('the login was refused in the browser');
    else if (error === 'expired_token') break;
    else if (error !== 'authorization_pending' && answer.status < 500) return readTokens(answer, clientId);
  }
  throw new SetupError('the code was not used in time: run the command once more');
}

/** https://www.rfc-editor.org/rfc/rfc7636 */
async function withBrowser(client: Client, web: Web, parts: SetupParts): Promise<LoginTokens> {
  const { metadata, clientId } = client;
  const loopback = await openLoopback(callbackPath);
  try {
    const verifier = randomBytes(48).toString('base64url');
    const state = randomBytes(16).toString('base64url');
    const page = new URL(required(metadata, 'authorization'));
    const query = {
      ...{ response_type: 'code', response_mode: 'query', client_id: clientId, redirect_uri: loopback.url },
      ...{ scope: scopeOf(client), state, code_challenge_method: 'S256' },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    };
    for (const [name, value] of Object.entries(query)) page.searchParams.set(name, value);
    sayWhere(page.href, loopback.url, parts);
    const back = await visit(loopback.visited, parts.signal);
    const code = back.get('code');
    if (back.get('state') !== state || code === null)
      throw new SetupError(
        `the page came back without a login (${back.get('error') ?? 'no code'}): run the command once more`,
      );
    const answer = await web.postForm(required(metadata, 'token'), {
      ...{ grant_type: 'authorization_code', code, client_id: clientId },
      ...{ redirect_uri: loopback.url, code_verifier: verifier },
    });
    return readTokens(answer, clientId);
  } finally {
    loopback.close();
  }
}

/** A new device each time: https://spec.matrix.org/v1.18/client-server-api/#device-id-allocation */
function scopeOf({ scopes }: AuthServer): string {
  const letters = Array.from({ length: 12 }, () => String.fromCharCode(65 + randomInt(26))).join('');
  return `${scopes}:api:* ${scopes}:device:${letters}`;
}

type Endpoint = 'authorization' | 'token' | 'registration' | 'device_authorization';

/** Returns an endpoint's URL; null: there is none that a secret may be sent to. */
function endpoint(metadata: JsonObject, name: Endpoint): string | null {
  const url = URL.parse(textOf(metadata[`${name}_endpoint`]) ?? '');
  if (url === null) return null;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)) ? url.href : null;
}

function required(metadata: JsonObject, name: Endpoint): string {
  const url = endpoint(metadata, name);
  if (url === null) throw new SetupError(`the homeserver names no ${name}_endpoint with https`);
  return url;
}

const isUsable = (metadata: JsonObject) => endpoint(metadata, 'token') !== null;

/** Returns a number of seconds in ms. */
function seconds(value: unknown, byDefault: number): number {
  const isTime = typeof value === 'number' && Number.isFinite(value) && value > 0;
  return (isTime ? value : byDefault) * 1_000;
}

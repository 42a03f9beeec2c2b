import type { Transport } from '../../http/transport.ts';
import { TransportError } from '../../http/transport.ts';
import { isLoopback } from '../../text/is-loopback.ts';
import { type JsonObject, objectOf, textOf } from '../../text/json.ts';

export interface RefreshRequest {
  readonly homeserver: string;
  readonly refreshToken: string;
  /** Of the OAuth 2.0 client that the tokens were given to; null: they are of a login with the homeserver itself. */
  readonly clientId: string | null;
}

/** The answer to a refresh. `text` and `reason` may quote the server, and with it a token. */
export type Refreshed =
  | {
      readonly outcome: 'tokens';
      readonly access: string;
      /** Null: the old one stays. */
      readonly refresh: string | null;
      /** Null: it does not end by itself. */
      readonly expiresInMs: number | null;
    }
  | { readonly outcome: 'refused'; readonly reason: string }
  | { readonly outcome: 'later'; readonly reason: string };

type Fetch = Transport['fetch'];

/** Asks for new tokens, once. Never throws for anything that a server or a network does. */
export async function refresh(request: RefreshRequest, fetch: Fetch, signal: AbortSignal): Promise<Refreshed> {
  const { clientId } = request;
  try {
    return clientId === null
      ? await askHomeserver(request, fetch, signal)
      : await askIssuer({ ...request, clientId }, fetch, signal);
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { outcome: 'later', reason: error.message };
  }
}

/** https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3refresh */
async function askHomeserver(request: RefreshRequest, fetch: Fetch, signal: AbortSignal): Promise<Refreshed> {
  const { status, body } = await answerOf(
    fetch(`${request.homeserver}/_matrix/client/v3/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: request.refreshToken }),
      signal,
    }),
  );
  if (status === 200) return tokensOf(body, body.expires_in_ms, 1);
  const code = textOf(body.errcode);
  const reason = [status, code, textOf(body.error)].filter((part) => part !== null).join(' ');
  // Anything that is not a homeserver's own no is a server that is away, or a proxy.
  const isFinal = status < 500 && status !== 429 && code !== null && code !== 'M_LIMIT_EXCEEDED';
  return { outcome: isFinal ? 'refused' : 'later', reason };
}

/** OAuth 2.0: https://spec.matrix.org/v1.16/client-server-api/#token-refresh-flow */
async function askIssuer(
  { homeserver, refreshToken, clientId }: RefreshRequest & { readonly clientId: string },
  fetch: Fetch,
  signal: AbortSignal,
): Promise<Refreshed> {
  let metadata = await answerOf(fetch(`${homeserver}/_matrix/client/v1/auth_metadata`, { signal }));
  // Homeservers from before Matrix 1.15 know it by the name of its proposal.
  if (metadata.status === 404)
    metadata = await answerOf(
      fetch(`${homeserver}/_matrix/client/unstable/org.matrix.msc2965/auth_metadata`, { signal }),
    );
  if (metadata.status !== 200) {
    const reason = `the homeserver does not say where its OAuth 2.0 server is (${metadata.status})`;
    const isFinal = metadata.status === 404 && textOf(metadata.body.errcode) !== null;
    return {
      outcome: isFinal ? 'refused' : 'later',
      reason: isFinal ? `${reason}: client_id does not belong here` : reason,
    };
  }
  const endpoint = URL.parse(textOf(metadata.body.token_endpoint) ?? '');
  if (
    endpoint === null ||
    !(endpoint.protocol === 'https:' || (endpoint.protocol === 'http:' && isLoopback(endpoint.hostname)))
  )
    return { outcome: 'refused', reason: 'the homeserver names no OAuth 2.0 server with https' };
  const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId });
  const { status, body } = await answerOf(
    fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: form.toString(),
      signal,
    }),
  );
  if (status === 200) return tokensOf(body, body.expires_in, 1_000);
  // https://www.rfc-editor.org/rfc/rfc6749#section-5.2
  const code = textOf(body.error);
  const reason = [status, code, textOf(body.error_description)].filter((part) => part !== null).join(' ');
  return { outcome: status < 500 && status !== 429 && code !== null ? 'refused' : 'later', reason };
}

async function answerOf(pending: Promise<Response>): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const response = await pending;
  const text = await response.text();
  try {
    return { status: response.status, body: objectOf(JSON.parse(text)) };
  } catch {
    return { status: response.status, body: {} };
  }
}

function tokensOf(body: JsonObject, expiresIn: unknown, unitMs: number): Refreshed {
  const access = textOf(body.access_token);
  const next = textOf(body.refresh_token);
  if (access === null || !isToken(access) || (next !== null && !isToken(next)))
    return { outcome: 'later', reason: 'the answer has no access token in it' };
  const isTime = typeof expiresIn === 'number' && Number.isFinite(expiresIn) && expiresIn > 0;
  return { outcome: 'tokens', access, refresh: next, expiresInMs: isTime ? expiresIn * unitMs : null };
}

/** A token travels in a header: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const isToken = (text: string) => /^[\x21-\x7e]+$/.test(text);

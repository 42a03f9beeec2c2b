import { formatDuration } from '../../time/duration.ts';

/** Why a connection is no more, or never came to be. */
export type Loss =
  /** No connection, or none that became a WebSocket. `code` is Node's (`ECONNREFUSED`), null where there is none. */
  | { readonly kind: 'unreachable'; readonly code: string | null; readonly text: string }
  /** The server answered the upgrade with a status of its own. */
  | { readonly kind: 'http'; readonly status: number }
  /** It accepted the connection and then said nothing. */
  | { readonly kind: 'noHandshake'; readonly afterMs: number }
  /** It speaks WebSocket, but not `actioncable-v1-json`. */
  | { readonly kind: 'notCable' }
  | { readonly kind: 'noWelcome'; readonly afterMs: number }
  | { readonly kind: 'noConfirmation'; readonly afterMs: number }
  /** Action Cable's own goodbye: `server_restart`, `unauthorized`, `invalid_request`, `remote`. */
  | { readonly kind: 'disconnected'; readonly reason: string; readonly reconnect: boolean }
  | { readonly kind: 'closed'; readonly code: number; readonly text: string }
  /** No sign of life. */
  | { readonly kind: 'frozen'; readonly afterMs: number }
  | { readonly kind: 'oversized'; readonly limitBytes: number }
  /** It broke the WebSocket protocol (RFC 6455). */
  | { readonly kind: 'broken'; readonly text: string };

/** Node's error codes in words. https://nodejs.org/api/errors.html#common-system-errors */
const unreachableWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at that address',
  ECONNRESET: 'it hung up before the WebSocket was open',
  ENOTFOUND: 'its name is unknown to DNS',
  EAI_AGAIN: 'DNS gives no answer',
  EHOSTUNREACH: 'there is no way to its host',
  ENETUNREACH: 'there is no way to its network',
  ETIMEDOUT: 'its host does not answer',
  EPIPE: 'it hung up before the WebSocket was open',
};

/** The code of a connection that ended without a close frame. https://www.rfc-editor.org/rfc/rfc6455#section-7.1.5 */
const noGoodbye = 1006;

/** What happened, in words that can stand alone. The server's own words in it must have been cleaned of the key before. */
export function describeLoss(loss: Loss): string {
  switch (loss.kind) {
    case 'unreachable': {
      const words = loss.code === null ? undefined : unreachableWords[loss.code];
      const detail = words === undefined ? clip(loss.text) : `${words} (${loss.code})`;
      return `the server cannot be reached: ${detail}`;
    }
    case 'http':
      return `the server answered HTTP ${loss.status} instead of opening a WebSocket${httpHint(loss.status)}`;
    case 'noHandshake':
      return `the server did not open a WebSocket within ${formatDuration(loss.afterMs)}`;
    case 'notCable':
      return 'the server does not speak Action Cable as actioncable-v1-json (is source.url right?)';
    case 'noWelcome':
      return `the server opened a WebSocket but sent no welcome within ${formatDuration(loss.afterMs)}`;
    case 'noConfirmation':
      return `the server did not answer the subscription within ${formatDuration(loss.afterMs)}`;
    case 'disconnected':
      return `the server ended the connection with the reason "${clip(loss.reason)}"${disconnectHint(loss)}`;
    case 'closed':
      if (loss.code === noGoodbye) return `the connection broke off without a goodbye (code ${loss.code})`;
      return `the server closed the connection (code ${loss.code}${loss.text === '' ? '' : `, "${clip(loss.text)}"`})`;
    case 'frozen':
      return `the server gave no sign of life for ${formatDuration(loss.afterMs)}`;
    case 'oversized':
      return `the server sent a message of more than ${formatBytes(loss.limitBytes)} (source.payload_limit), which is left out`;
    case 'broken':
      return `the server broke the WebSocket protocol: ${clip(loss.text)}`;
    default: {
      const never: never = loss;
      return never;
    }
  }
}

function httpHint(status: number): string {
  if (status >= 300 && status < 400) return ' (a redirect, which is not followed: is source.url right?)';
  if (status === 404 || status === 401) return " (is source.url right? metasmoke's ends in /cable)";
  if (status === 429) return ' (too many connections)';
  if (status >= 500) return ' (it is down, restarting or overloaded)';
  return ' (is source.url right?)';
}

/** https://github.com/rails/rails/blob/main/actioncable/lib/action_cable.rb (INTERNAL, disconnect_reasons) */
function disconnectHint(loss: { readonly reason: string; readonly reconnect: boolean }): string {
  switch (loss.reason) {
    case 'server_restart':
      return ' (it is restarting)';
    case 'unauthorized':
      return ' (it refuses this connection before looking at the key: is source.url right?)';
    case 'invalid_request':
      return ' (it refuses where this connection comes from: is source.url right, and among its allowed origins?)';
    default:
      return loss.reconnect ? '' : ' and asked not to be called again';
  }
}

function formatBytes(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.round(bytes / 1024 / 1024)} MiB` : `${bytes} bytes`;
}

/** The server's own words are shown in part and without control characters: they end in a terminal. */
function clip(text: string): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return clean.length <= 200 ? clean : `${clean.slice(0, 200).toWellFormed()}…`;
}

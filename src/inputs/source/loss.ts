import { unreachableWords } from '../../http/network-error-text.ts';
import { excerpt } from '../../text/excerpt.ts';
import { formatDuration } from '../../time/duration.ts';

/** The reason why a connection ended, or could not be made. */
export type Loss =
  /** No connection, or one that did not become a WebSocket. `code` is Node's (`ECONNREFUSED`), null if there is none. */
  | { readonly kind: 'unreachable'; readonly code: string | null; readonly text: string }
  /** The server answered the upgrade with another status. */
  | { readonly kind: 'http'; readonly status: number }
  /** It accepted the connection but sent nothing. */
  | { readonly kind: 'noHandshake'; readonly afterMs: number }
  /** It speaks WebSocket, but not `actioncable-v1-json`. */
  | { readonly kind: 'notCable' }
  | { readonly kind: 'noWelcome'; readonly afterMs: number }
  | { readonly kind: 'noConfirmation'; readonly afterMs: number }
  /** A disconnect frame of Action Cable: `server_restart`, `unauthorized`, `invalid_request`, `remote`. */
  | { readonly kind: 'disconnected'; readonly reason: string; readonly reconnect: boolean }
  | { readonly kind: 'closed'; readonly code: number; readonly text: string }
  /** No sign of life. */
  | { readonly kind: 'frozen'; readonly afterMs: number }
  | { readonly kind: 'oversized'; readonly limitBytes: number }
  /** It violated the WebSocket protocol (RFC 6455). */
  | { readonly kind: 'broken'; readonly text: string };

/** Descriptions of Node's error codes. */
const lossWords: Readonly<Record<string, string>> = {
  ...unreachableWords,
  ECONNRESET: 'it closed the connection before the WebSocket was open',
  EPIPE: 'it closed the connection before the WebSocket was open',
};

/** The code of a connection that ended without a close frame. https://www.rfc-editor.org/rfc/rfc6455#section-7.1.5 */
const noGoodbye = 1006;

/** Returns a description that can stand alone. The caller must have removed the key from the server's texts. */
export function describeLoss(loss: Loss): string {
  switch (loss.kind) {
    case 'unreachable': {
      const words = loss.code === null ? undefined : lossWords[loss.code];
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
      if (loss.code === noGoodbye) return `the connection ended without a close frame (code ${loss.code})`;
      return `the server closed the connection (code ${loss.code}${loss.text === '' ? '' : `, "${clip(loss.text)}"`})`;
    case 'frozen':
      return `the server gave no sign of life for ${formatDuration(loss.afterMs)}`;
    case 'oversized':
      return `the server sent a message of more than ${formatBytes(loss.limitBytes)} (source.payload_limit), which was dropped`;
    case 'broken':
      return `the server violated the WebSocket protocol: ${clip(loss.text)}`;
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
      return ' (it refuses this connection before checking the key: is source.url right?)';
    case 'invalid_request':
      return ' (it refuses the origin of this connection: is source.url right, and one of its allowed origins?)';
    default:
      return loss.reconnect ? '' : ' and asked not to reconnect';
  }
}

function formatBytes(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.round(bytes / 1024 / 1024)} MiB` : `${bytes} bytes`;
}

/** Shortens a text of the server and removes its control characters, because it may be printed to a terminal. */
function clip(text: string): string {
  const clean = text
    .toWellFormed()
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim();
  return excerpt(clean, 200);
}

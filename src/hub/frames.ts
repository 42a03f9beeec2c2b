/**
 * The hub's frames, byte for byte as Rails sends them (measured against Rails 6.1). Keys are in the order of Rails.
 * https://docs.anycable.io/misc/action_cable_protocol
 */

/** Offered and confirmed on the upgrade; https://github.com/rails/rails/blob/main/actioncable/lib/action_cable.rb */
export const subprotocol = 'actioncable-v1-json';

/** Interval between pings to each client, ms: BEAT_INTERVAL of Rails. Clients give up after two missed pings. */
export const pingEveryMs = 3_000;

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/**
 * Returns JSON with `<`, `>`, `&` and the two line separators escaped, as ActiveSupport does.
 *
 * @throws RangeError if a value is nested too deep to be written.
 */
function railsJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => escapes[char]!);
}

export const welcomeFrame = '{"type":"welcome"}';

/** The reason why the hub itself closes a socket; `server_restart` is the name that Rails uses. */
export type DisconnectReason = 'server_restart' | 'no_key_in_time' | 'too_many_without_key' | 'does_not_read';

/** Returns the frame sent before the hub itself closes a socket. It invites the client to reconnect. */
export function disconnectFrame(reason: DisconnectReason): string {
  return `{"type":"disconnect","reason":"${reason}","reconnect":true}`;
}

/** Takes `now` in Unix milliseconds; the frame contains whole seconds. */
export function pingFrame(now: number): string {
  return `{"type":"ping","message":${Math.floor(now / 1000)}}`;
}

/** Returns the answer to a subscribe, with the identifier exactly as it was sent. */
export function answerFrame(identifier: string, answer: 'confirm_subscription' | 'reject_subscription'): string {
  return `{"identifier":${railsJson(identifier)},"type":"${answer}"}`;
}

/** The first part of a message, specific to one subscription. The event's part follows it. */
export function messageHead(identifier: string): Buffer {
  return Buffer.from(`{"identifier":${railsJson(identifier)},"message":`);
}

/** The second part of a message, written once per event and shared by all its recipients. */
export function messageTail(event: unknown): Buffer {
  return Buffer.from(`${railsJson(event)}}`);
}

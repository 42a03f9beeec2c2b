/**
 * What the hub says to a client, byte for byte as Rails says it (measured against Rails 6.1). Keys stand in Rails' order.
 * https://docs.anycable.io/misc/action_cable_protocol
 */

/** Offered and answered on the upgrade; https://github.com/rails/rails/blob/main/actioncable/lib/action_cable.rb */
export const subprotocol = 'actioncable-v1-json';

/** How often every client hears a ping, in milliseconds: Rails' BEAT_INTERVAL; clients give up after two missed ones. */
export const pingEveryMs = 3_000;

const escapes: Readonly<Record<string, string>> = {
  '<': '\\u003c',
  '>': '\\u003e',
  '&': '\\u0026',
  '\u2028': '\\u2028',
  '\u2029': '\\u2029',
};

/**
 * JSON with `<`, `>`, `&` and the two line separators escaped, as ActiveSupport writes it.
 *
 * @throws RangeError where a value is nested too deep to be written.
 */
function railsJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => escapes[char]!);
}

export const welcomeFrame = '{"type":"welcome"}';

/** Why the hub closes a socket on its own account; `server_restart` is Rails' word. */
export type DisconnectReason = 'server_restart' | 'no_key_in_time' | 'too_many_without_key' | 'does_not_read';

/** Sent before the hub closes a socket on its own account: the client is welcome to come back. */
export function disconnectFrame(reason: DisconnectReason): string {
  return `{"type":"disconnect","reason":"${reason}","reconnect":true}`;
}

/** `now` in Unix milliseconds; the frame carries whole seconds. */
export function pingFrame(now: number): string {
  return `{"type":"ping","message":${Math.floor(now / 1000)}}`;
}

/** The answer to a subscribe, with the identifier exactly as it was sent. */
export function answerFrame(identifier: string, answer: 'confirm_subscription' | 'reject_subscription'): string {
  return `{"identifier":${railsJson(identifier)},"type":"${answer}"}`;
}

/** The part of a message that belongs to one subscription; the event's own part follows it. */
export function messageHead(identifier: string): Buffer {
  return Buffer.from(`{"identifier":${railsJson(identifier)},"message":`);
}

/** The part of a message that is the same for all: written once an event, however many hear it. */
export function messageTail(event: unknown): Buffer {
  return Buffer.from(`${railsJson(event)}}`);
}

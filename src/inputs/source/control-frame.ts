/** The frames of Action Cable that say something about the connection itself and that Lookout looks at. */
export type ControlFrame =
  | { readonly type: 'welcome' }
  | { readonly type: 'disconnect'; readonly reason: string; readonly reconnect: boolean };

/**
 * No control frame comes near this length (the longest of Rails 8 has about 70 characters), while a message may have
 * millions: only short frames are read here, so that no long one is parsed twice.
 */
const longest = 1_024;

/**
 * Reads a frame if it is a welcome or a disconnect; null for every other text. @rails/actioncable acts on both in silence:
 * it tells nobody of a welcome and nobody of a disconnect's reason.
 * https://docs.anycable.io/misc/action_cable_protocol
 */
export function readControlFrame(text: string): ControlFrame | null {
  if (text.length > longest) return null;
  const frame = parse(text);
  if (frame === null || typeof frame !== 'object' || !('type' in frame)) return null;
  if (frame.type === 'welcome') return { type: 'welcome' };
  if (frame.type !== 'disconnect') return null;
  const reason = 'reason' in frame && typeof frame.reason === 'string' ? frame.reason : 'none given';
  return { type: 'disconnect', reason, reconnect: 'reconnect' in frame && frame.reconnect === true };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not ours to judge: the Action Cable client reads the same text next, and its failure is counted.
    return null;
  }
}

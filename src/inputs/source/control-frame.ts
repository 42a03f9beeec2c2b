/** The Action Cable frames about the connection itself that Lookout uses. */
export type ControlFrame =
  | { readonly type: 'welcome' }
  | { readonly type: 'disconnect'; readonly reason: string; readonly reconnect: boolean };

/**
 * Limit of a control frame, characters. The longest of Rails 8 has about 70, while a message may have millions; longer
 * frames are not parsed here, so that none is parsed twice.
 */
const longest = 1_024;

/**
 * Reads a welcome or a disconnect; returns null for any other text. @rails/actioncable handles both without a callback:
 * it reports neither a welcome nor the reason of a disconnect. https://docs.anycable.io/misc/action_cable_protocol
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
    // The Action Cable client parses the same text next, and its failure is counted.
    return null;
  }
}

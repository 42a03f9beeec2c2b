/** A command in a client's frame. */
export type ClientCommand =
  | { readonly command: 'subscribe' | 'unsubscribe'; readonly identifier: string }
  /** A command of the protocol, or of a later version, that ApiChannel does not use (`message`, `whisper`). */
  | { readonly command: 'other' }
  | { readonly command: 'malformed'; readonly reason: string };

/**
 * Limit of an identifier in UTF-16 units, because every answer repeats it. A key and the names of all models take a
 * tenth of it.
 */
const maxIdentifier = 16 * 1024;

/** Reads one frame of a client. Never throws. `reason` quotes nothing of the frame, which may contain a key. */
export function parseCommand(text: string): ClientCommand {
  const frame = parseJsonObject(text);
  if (frame === null) return { command: 'malformed', reason: 'not a JSON object' };
  const { command, identifier } = frame;
  if (typeof command !== 'string') return { command: 'malformed', reason: 'no command' };
  if (command !== 'subscribe' && command !== 'unsubscribe') return { command: 'other' };
  if (typeof identifier !== 'string')
    return { command: 'malformed', reason: 'no identifier, or one that is not a string' };
  if (identifier.length > maxIdentifier)
    return { command: 'malformed', reason: `an identifier of more than ${maxIdentifier} characters` };
  return { command, identifier };
}

/** Returns the JSON object in `text`, or null if it is anything else. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null; // Invalid JSON is an expected input.
  }
}

/** What a client's frame asks for. */
export type ClientCommand =
  | { readonly command: 'subscribe' | 'unsubscribe'; readonly identifier: string }
  /** A command of the protocol, or of a later version of it, that ApiChannel has no use for (`message`, `whisper`). */
  | { readonly command: 'other' }
  | { readonly command: 'malformed'; readonly reason: string };

/** UTF-16 units of an identifier: it is sent back with each answer. A key and every model by name are a tenth of it. */
const maxIdentifier = 16 * 1024;

/** Reads one frame of a client. Never throws; `reason` holds nothing of the frame, which may carry a key. */
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

/** The JSON object that `text` holds; null for anything else. */
export function parseJsonObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null; // Not JSON is an answer here, not an accident.
  }
}

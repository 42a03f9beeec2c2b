/** One event of an encrypted room, as a client shows it. */
export interface ReadEvent {
  readonly id: string;
  readonly sender: string;
  /** Unix milliseconds, set by the homeserver. */
  readonly at: number;
  /** The type after decryption: `m.room.message`. */
  readonly type: string;
  /** The content after decryption; of a redacted event `{}`. */
  readonly content: Readonly<Record<string, unknown>>;
  /** True if somebody deleted the event. */
  readonly isRedacted: boolean;
  /** Where its ciphertext stands; null if the event came in plain text. */
  readonly megolm: MegolmPlace | null;
  /** The sending device's keys (curve25519 and ed25519); null if the event was not decrypted. */
  readonly senderKeys: string | null;
  /** The warning that a client shows, or why there is nothing to show; null if all is well. */
  readonly trouble: string | null;
}

/** A ratchet and the place in it: no two messages may share both. */
export interface MegolmPlace {
  readonly session: string;
  readonly index: number;
}

/** Types that are never encrypted. */
const plainTypes = new Set(['m.reaction', 'm.room.redaction']);

/**
 * Returns the place of an encrypted content, or null if it is not one of Megolm's. The ciphertext begins with the
 * version 3, then the byte 8 (field 1, a varint), then the index.
 * https://gitlab.matrix.org/matrix-org/olm/-/blob/master/docs/megolm.md#message-format
 */
export function megolmPlace(content: Readonly<Record<string, unknown>>): MegolmPlace | null {
  const { session_id: session, ciphertext } = content;
  if (typeof session !== 'string' || typeof ciphertext !== 'string') return null;
  const bytes = Buffer.from(ciphertext, 'base64');
  if (bytes[0] !== 3 || bytes[1] !== 8) return null;
  let index = 0;
  for (let at = 2; ; at++) {
    const byte = bytes[at];
    if (byte === undefined) return null;
    index += (byte & 0x7f) * 2 ** (7 * (at - 2));
    if (byte < 0x80) return { session, index };
  }
}

/** Returns what the messages of a room show in the end, by their event ids: the content of the last edit of its sender. */
export function lastContents(events: readonly ReadEvent[]): ReadonlyMap<string, ReadEvent['content']> {
  const shown = new Map<string, ReadEvent['content']>();
  const senders = new Map(events.map(({ id, sender }) => [id, sender]));
  for (const { id, type, sender, content, isRedacted } of events) {
    if (type !== 'm.room.message' || isRedacted) continue;
    const relation = content['m.relates_to'] as { readonly rel_type?: string; readonly event_id?: string } | undefined;
    if (relation?.rel_type !== 'm.replace') shown.set(id, content);
    else if (relation.event_id !== undefined && senders.get(relation.event_id) === sender)
      shown.set(relation.event_id, content['m.new_content'] as ReadEvent['content']);
  }
  return shown;
}

/**
 * Describes what is wrong in an encrypted room, about the events of one sender: what a client cannot show or warns of,
 * what came in plain text, two messages at one place of a ratchet, and more than one sending device unless `devices` are
 * `any`. An empty list is the goal.
 */
export function encryptionFaults(
  events: readonly ReadEvent[],
  sender: string,
  { devices: allowed }: { readonly devices: 'one' | 'any' } = { devices: 'one' },
): string[] {
  const faults: string[] = [];
  const places = new Map<string, string>();
  const devices = new Set<string>();
  for (const event of events) {
    if (event.sender !== sender || event.isRedacted || plainTypes.has(event.type)) continue;
    const { id, type, megolm, senderKeys, trouble } = event;
    if (trouble !== null) faults.push(`${id}: ${trouble}`);
    if (senderKeys !== null) devices.add(senderKeys);
    if (megolm === null) {
      faults.push(`${id}: ${type} is not encrypted`);
      continue;
    }
    const place = `${megolm.session} at ${megolm.index}`;
    const first = places.get(place);
    if (first === undefined) places.set(place, id);
    else faults.push(`${id}: repeats ${place} of ${first}`);
  }
  if (allowed === 'one' && devices.size > 1)
    faults.push(`${sender} sent with ${devices.size} devices: ${[...devices].join(', ')}`);
  return faults;
}

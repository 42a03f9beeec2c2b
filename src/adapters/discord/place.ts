/** Where a message stands: in the room itself, or in a thread that one of the room's messages begins. */
export interface Place {
  readonly channel: string;
  readonly message: string;
}

/** The platform's id of a message, for the outbox: `<message>`, or `<thread>/<message>` where it is in a thread of the room. */
export function platformIdOf(room: string, { channel, message }: Place): string {
  return channel === room ? message : `${channel}/${message}`;
}

/** The other way round. */
export function placeOf(room: string, platformId: string): Place {
  const slash = platformId.indexOf('/');
  return slash < 0
    ? { channel: room, message: platformId }
    : { channel: platformId.slice(0, slash), message: platformId.slice(slash + 1) };
}

/**
 * The thread that an action puts a message into; null if there is none. A thread has the id of the message that begins it
 * (https://discord.com/developers/docs/resources/channel#start-thread-from-message). One in a thread begins no other.
 */
export function threadOf(room: string, action: { readonly kind: string; readonly target?: string }): string | null {
  if (action.target === undefined || (action.kind !== 'thread' && action.kind !== 'reply')) return null;
  const { channel, message } = placeOf(room, action.target);
  if (channel !== room) return channel;
  return action.kind === 'thread' ? message : null;
}

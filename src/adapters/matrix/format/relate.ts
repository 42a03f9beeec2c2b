import { objectOf } from '../../../text/json.ts';

/** A stored payload as a reply (https://spec.matrix.org/v1.16/client-server-api/#rich-replies). That alone mentions no one. */
export function asReply(payload: string, target: string): string {
  return relate(payload, { 'm.in_reply_to': { event_id: target } });
}

/**
 * A stored payload in a thread (https://spec.matrix.org/v1.16/client-server-api/#threading). Clients that know no threads
 * show it as a reply to `before`.
 */
export function inThread(payload: string, root: string, before: string): string {
  return relate(payload, {
    rel_type: 'm.thread',
    event_id: root,
    is_falling_back: true,
    'm.in_reply_to': { event_id: before },
  });
}

function relate(payload: string, relation: object): string {
  return JSON.stringify({ ...objectOf(JSON.parse(payload)), 'm.relates_to': relation });
}

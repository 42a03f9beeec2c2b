import { idText } from '../catalogue/subject.ts';
import type { Event } from '../words.ts';

/** Returns the name of the person who gave a feedback, if its row has one; otherwise null. */
export function voterNameIn({ object }: Pick<Event, 'object'>): string | null {
  const { user_name: name } = object;
  return typeof name === 'string' && name !== '' ? name : null;
}

/** Returns true for a vote of a known user that lacks their name: metasmoke writes it into the row a moment later. */
export function isNameless({ role, object }: Pick<Event, 'role' | 'object'>): boolean {
  return role === 'vote' && idText(object.user_id) !== null && voterNameIn({ object }) === null;
}

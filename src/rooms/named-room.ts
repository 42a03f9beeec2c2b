import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';

/** A room as an operator names it. */
export interface RoomName {
  /** Its name in the configuration, else its address. */
  readonly name: string;
  /** As the configuration writes it: `matrix:#a:example.org`. */
  readonly address: string;
}

/** `unknown`: `error` says which names there are. */
export type NamedRoom<Room> =
  | { readonly outcome: 'found'; readonly room: Room }
  | { readonly outcome: 'unknown'; readonly error: string };

/** Most rooms that are listed for a name that none has. */
const MOST_LISTED = 20;

/** Finds the room that a word names: by its name or address, else by its name in any case. The last of several is meant. */
export function findNamedRoom<Room extends RoomName>(word: string, rooms: readonly Room[]): NamedRoom<Room> {
  const exactly = rooms.findLast(({ name, address }) => name === word || address === word);
  const room = exactly ?? rooms.findLast(({ name }) => name.toLowerCase() === word.toLowerCase());
  if (room !== undefined) return { outcome: 'found', room };
  const names = [...new Set(rooms.map(({ name }) => name))];
  const meant = nearest(word, names);
  const more = names.length > MOST_LISTED ? `, and ${names.length - MOST_LISTED} more` : '';
  const listed = `the rooms are ${names.slice(0, MOST_LISTED).join(', ')}${more}`;
  const right =
    names.length === 0 ? 'there are no rooms' : meant === null ? listed : `did you mean ${meant}? T${listed.slice(1)}`;
  return { outcome: 'unknown', error: `there is no room "${excerpt(word, 80)}": ${right}` };
}

/** `hq (matrix:#hq:example.org)`; the address alone if the room has no other name. */
export const roomText = ({ name, address }: RoomName) => (name === address ? address : `${name} (${address})`);

/** Returns a function that gives the name of the room with an address; the address itself if none is known. */
export function namesByAddress(rooms: readonly RoomName[]): (address: string) => string {
  const names = new Map(rooms.map(({ name, address }) => [address, name]));
  return (address) => names.get(address) ?? address;
}

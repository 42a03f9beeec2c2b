import { Document, visit } from 'yaml';
import { withoutReferences } from '../config/substitute.ts';
import { escaped } from '../text/printed.ts';
import type { StoredSubscription } from './stored-subscriptions.ts';

/** Returns what the configuration calls a room: its name, else its address. */
type RoomOf = (address: string) => string;

/**
 * Returns the subscriptions as YAML to be pasted into the configuration, where they keep their ids. Members of rooms
 * wrote these texts: a `${` in them stays text in the configuration, and control and invisible characters are escaped.
 */
export function exportSubscriptions(
  stored: readonly Pick<StoredSubscription, 'events' | 'where' | 'template' | 'address'>[],
  roomOf: RoomOf = (address) => address,
): string {
  const subscriptions = stored.map(({ events, where, template, address }) => ({
    events: withoutReferences(events),
    ...(where !== null && { where: withoutReferences(where) }),
    rooms: withoutReferences(roomOf(address)),
    ...(template !== null && { template: withoutReferences(template) }),
  }));
  const document = new Document({ subscriptions });
  // yaml 2.9 writes a text of white space alone as a block whose indentation cannot be read, and so loses spaces.
  quote(document, /^\s+$/);
  const written = () => document.toString({ lineWidth: 0, defaultStringType: 'PLAIN', doubleQuotedAsJSON: true });
  const plain = written();
  if (escaped(plain) === plain) return plain;
  quote(document, /[^\x20-\x7e]/);
  return escaped(written());
}

/** Puts each text that `matches` into double quotes. */
function quote(document: Document, matches: RegExp): void {
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && matches.test(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
}

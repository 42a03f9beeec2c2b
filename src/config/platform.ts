import type { Remedy } from '../text/remedy.ts';
import type { Json, Mention, PlatformName } from '../words.ts';
import type { Context } from './context.ts';
import type { Keys } from './key.ts';
import type { Mapping } from './tree.ts';

/**
 * The part of a chat platform that the configuration and the commands know: how it is set up, and how its addresses and people
 * are written. Everything else about it is in its folder under `adapters/`.
 */
export interface PlatformRules<Settings extends object = object> {
  /** Its name in addresses, keys, rows and logs: `discord`. A lower-case word. */
  readonly name: PlatformName;
  /** Its name in a sentence: `Discord`, `the console`. */
  readonly title: string;
  readonly settings: SettingsRules<Settings>;
  readonly address: AddressRules;
  readonly people: PeopleRules;
  /** The people who can be pinged there; null: none, and the people whom a message pings elsewhere are shown by name. */
  readonly mention: MentionRules | null;
  /** Returns the platform's id of the message that a link (or an id as people write it) leads to; null for any other text. */
  messageId(text: string): string | null;
  /** Returns a link to a message by the address of its room, without the platform's name; null if that does not suffice for one. */
  messageLink(room: string, messageId: string): string | null;
  /** True if the answer to a command can be shown to its asker alone. */
  readonly answersAlone: boolean;
  /**
   * True if it shows commands by permissions of its own, so that the adapter must know whether the configuration names people
   * whom it does not know.
   */
  readonly showsByPermission: boolean;
}

/** The block `chats.<name>`. */
export interface SettingsRules<Settings extends object> {
  readonly keys: Keys;
  /** Description of the block, for editors. */
  readonly says: string;
  /** The shortest block that sets the platform up, for messages; null: the platform needs none and is always there. */
  readonly example: string | null;
  /**
   * Reads the block, whose keys and kinds of values were checked before. Returns null if a value is wrong, which is reported,
   * or if there is no block and the platform needs one.
   */
  read(context: Context, map: Mapping | null): Settings | null;
  /** Returns the settings without secrets, for `lookout check --json`. */
  summary(settings: Settings): Json;
}

export type AddressRead =
  | {
      readonly outcome: 'address';
      /** The canonical form, in which addresses are kept and compared: `matrix:#a:example.org`. */
      readonly address: string;
    }
  | ({ readonly outcome: 'problem' } & Remedy);

export interface AddressRules {
  /** An address as an example, for messages: `discord:123456789012345678`. */
  readonly example: string;
  /** The forms of an address, for descriptions: `matrix:#alias:server`, `matrix:!id:server`. */
  readonly forms: readonly string[];
  /** Reads the text after `<name>:`. */
  read(text: string): AddressRead;
  /** Explains a text without `<name>:` that can only be meant for this platform (a link, a sign in front); null for any other text. */
  explain(text: string): Remedy | null;
}

/** Which people may change a room by commands. */
export interface PeopleRules {
  /** People, as `users` names them; null: the platform has no people to name. */
  readonly user: IdRules | null;
  /** Groups of people, as `roles` names them; null: there are none. */
  readonly role: IdRules | null;
  /** Servers that people belong to, as `servers` names them; null: there are none. */
  readonly server: (IdRules & ServerRules) | null;
  /** Description of `power` for editors; null: people have no power there. */
  readonly power: string | null;
  /** The permission of the platform that a person needs to change a room: `Manage Channels here`; null: there is none. */
  readonly permission: string | null;
  /** The reason why everyone there may change every room without limit: `everyone at the terminal may change it`; null: they may not. */
  readonly trusted: string | null;
}

export interface ServerRules {
  /** Returns the server that a person belongs to; null if the id does not name one. */
  serverOf(user: string): string | null;
}

/** A kind of id, and how it is written. */
export interface IdRules {
  /** The kind of id, singular: `Discord role`. */
  readonly kind: string;
  /** An example or a description of one, after "write": `"@you:example.org"`, `the id of a Discord user in quotes`. */
  readonly right: string;
  isId(text: string): boolean;
  /** Returns the id that a text which is not one was meant as: of a mention or a link; null if that is not clear. */
  meant(text: string): string | null;
  /** Returns why an id is probably meant as something else; null if it is not in doubt. */
  doubt(id: string): Remedy | null;
}

export interface MentionRules {
  /** The ways to write people, for messages: `"discord:<user id>"`. */
  readonly forms: readonly string[];
  /** Returns null for a text that is not a mention on this platform. */
  parse(text: string): Mention | null;
}

/** The platform of that name. Throws for a name that is not in the list: a row or an address that was never checked. */
export function platformOf<P extends PlatformRules>(platforms: readonly P[], name: PlatformName): P {
  const found = platforms.find((platform) => platform.name === name);
  if (found === undefined) throw new Error(`there is no platform "${name}"`);
  return found;
}

/** `a`, `a or b`, `a, b or c`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

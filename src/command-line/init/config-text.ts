import { stringify } from 'yaml';

/** The answers that a configuration is made of. */
export interface Answers {
  /** The path of the JSON Schema, from the configuration's folder. */
  readonly schema: string;
  /** Null: made-up events. */
  readonly source: { readonly url: string; readonly api: string; readonly keyFile: string } | null;
  /** The block of each chat. */
  readonly chats: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly rooms: readonly RoomAnswer[];
}

export interface RoomAnswer {
  readonly name: string;
  /** With the platform's name: `discord:123456789012345678`. */
  readonly address: string;
  readonly subscriptions: readonly SubscriptionAnswer[];
}

export interface SubscriptionAnswer {
  readonly events: string;
  readonly card: boolean;
}

/** Returns the text of the configuration. */
export function configText({ schema, source, chats, rooms }: Answers): string {
  const subscriptions = rooms.flatMap(({ name, subscriptions }) =>
    subscriptions.map(({ events, card }) => ({ events, rooms: name, ...(card && { card }) })),
  );
  const parts = [
    [
      `# yaml-language-server: $schema=${schema}`,
      '# Which events go to which chat rooms. `lookout check` says what is wrong here, docs/configuration.md lists all keys.',
    ].join('\n'),
    yaml({
      source: source === null ? { url: 'demo' } : { url: source.url, api: source.api, key_file: source.keyFile },
    }),
    // Made-up events on the terminal need not be kept.
    yaml({ store: source === null && Object.keys(chats).length === 0 ? 'memory' : 'sqlite:lookout.db' }),
    ...(Object.keys(chats).length === 0 ? [] : [yaml({ chats })]),
    `# Names for rooms.\n${yaml({ rooms: Object.fromEntries(rooms.map(({ name, address }) => [name, address])) })}`,
    `# What each room gets. docs/events.md lists the events; \`where\` filters them: docs/conditions-and-templates.md.\n${yaml({ subscriptions })}`,
  ];
  return parts.join('\n');
}

/** Addresses and paths are quoted where YAML would read them as something else. */
const yaml = (value: object) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });

import type { AccountId } from '../words.ts';

/** The effect of a change, and so what puts it into effect. */
export type Effect =
  /** It is read whenever it is needed: nothing has to be done. */
  | { readonly kind: 'atOnce' }
  /** Rooms begin, end, or change in a way that their workers must know. */
  | { readonly kind: 'rooms' }
  /** Other events go to rooms, or are requested from the source. */
  | { readonly kind: 'subscriptions' }
  /** An account that is new, has other settings, or is gone. */
  | { readonly kind: 'chat'; readonly account: AccountId }
  /** The source knows us by another key. */
  | { readonly kind: 'key' }
  /** Missed events and details of posts are fetched in another way. */
  | { readonly kind: 'api' }
  | { readonly kind: 'metrics' }
  | { readonly kind: 'logLevel' }
  /** `lookout run` does not use it. */
  | { readonly kind: 'otherCommand' }
  /** It cannot change while Lookout runs. */
  | { readonly kind: 'restart' };

/** One difference between two configurations. */
export interface Change {
  readonly effect: Effect;
  /** The key, or the place, that changed: `derived.lost_after`, `rooms.hq`. */
  readonly key: string;
  /** The change in words, without secrets: `now 5 min, before 2 min`. */
  readonly text: string;
}

/** Returns a change as one line for people. */
export function changeLine({ key, text, effect }: Change): string {
  switch (effect.kind) {
    case 'restart':
      return `${key}: ${text}; this needs a restart, until then the old one is used`;
    case 'otherCommand':
      return `${key}: ${text}; \`lookout run\` does not use it`;
    case 'chat':
      return `${key}: ${text}; logging in on ${effect.account} again`;
    case 'atOnce':
    case 'rooms':
    case 'subscriptions':
    case 'key':
    case 'api':
    case 'metrics':
    case 'logLevel':
      return `${key}: ${text}`;
    default:
      return effect satisfies never;
  }
}

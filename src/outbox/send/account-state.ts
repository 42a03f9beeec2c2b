import type { Account, Connection } from '../../adapters/adapter.ts';

/** The state of an account on its platform. */
export type AccountState =
  /** `trouble`: since when the platform does not let us log in, Unix milliseconds, and why; null: the first attempt is under way. */
  | { readonly state: 'loggingIn'; readonly trouble: { readonly since: number; readonly reason: string } | null }
  | { readonly state: 'ready'; readonly account: Account }
  | { readonly state: 'broken'; readonly since: number; readonly reason: string };

/** Returns why nothing goes out over an account, as a text; null: it works. */
export function accountTrouble(state: AccountState): string | null {
  switch (state.state) {
    case 'ready':
      return null;
    case 'broken':
      return `accepts nothing from this account: ${state.reason}`;
    case 'loggingIn': {
      const { trouble } = state;
      return trouble === null
        ? 'not logged in yet'
        : `not logged in since ${new Date(trouble.since).toISOString()}: ${trouble.reason}`;
    }
    default:
      return state satisfies never;
  }
}

/** Number of connections that are named one by one. */
const MOST_NAMED = 5;

/** Returns which of an account's connections are down, as a text; null: none. Messages go out all the same. */
export function connectionTrouble(connections: readonly Connection[]): string | null {
  const down = connections.filter(({ isUp }) => !isUp).map(({ name }) => name);
  if (down.length === 0) return null;
  const named = down.slice(0, MOST_NAMED).join(', ');
  const more = down.length > MOST_NAMED ? ` and ${down.length - MOST_NAMED} more` : '';
  return `reads no commands on ${named}${more} (of ${connections.length})`;
}

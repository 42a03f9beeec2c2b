import type { Connection } from '../adapters/adapter.ts';
import type { SourceState } from '../inputs/source/state.ts';
import { sourceText } from '../inputs/source/state-text.ts';
import { type AccountState, accountTrouble, connectionTrouble } from '../outbox/send/account-state.ts';
import { shownLine } from '../text/shown.ts';
import type { AccountId } from '../words.ts';

/** The parts that readiness depends on. */
export interface Health {
  /** The source; none: another process listens to it. */
  readonly sources: readonly { readonly name: string; readonly state: SourceState }[];
  /** The accounts of every configured chat. */
  readonly accounts: readonly {
    readonly id: AccountId;
    readonly state: AccountState;
    readonly connections: readonly Connection[];
  }[];
}

/**
 * Returns the causes why Lookout is not ready, one line each; empty if it is ready. A broken room is not a cause,
 * because the others work. Nor is an idle source, because no events are requested.
 */
export function causesOfUnreadiness({ sources, accounts }: Health): string[] {
  const causes: string[] = [];
  for (const { name, state } of sources)
    if (state.state !== 'subscribed' && state.state !== 'idle') causes.push(`source: ${sourceText(state, name)}`);
  for (const account of accounts) {
    const trouble = accountTrouble(account.state) ?? connectionTrouble(account.connections);
    if (trouble !== null) causes.push(`${account.id}: ${trouble}`);
  }
  return causes.map((cause) => shownLine(cause.replaceAll(/\s+/g, ' ')));
}

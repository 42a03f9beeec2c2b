import type { SourceState } from '../inputs/source/state.ts';
import { sourceText } from '../inputs/source/state-text.ts';
import type { AccountState } from '../outbox/send/account.ts';
import { shownLine } from '../text/shown.ts';
import type { PlatformName } from '../words.ts';

/** What has to work for Lookout to do its work. */
export interface Health {
  readonly source: { readonly name: string; readonly state: SourceState };
  /** The account of every chat that is set up. */
  readonly accounts: readonly { readonly platform: PlatformName; readonly state: AccountState }[];
}

/**
 * Why Lookout is not ready, one line a cause; none: it is. A room that is broken is not among them: the others go on. An
 * idle source is as it should be: nothing is asked for.
 */
export function causesOfUnreadiness({ source, accounts }: Health): string[] {
  const causes: string[] = [];
  const { state } = source.state;
  if (state !== 'subscribed' && state !== 'idle') causes.push(`source: ${sourceText(source.state, source.name)}`);
  for (const account of accounts) {
    if (account.state.state === 'loggingIn') causes.push(`${account.platform}: not logged in yet`);
    if (account.state.state === 'broken')
      causes.push(`${account.platform}: takes nothing from us: ${account.state.reason}`);
  }
  return causes.map((cause) => shownLine(cause.replaceAll(/\s+/g, ' ')));
}

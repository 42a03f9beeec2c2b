import type { AccountId, PlatformName } from '../words.ts';

/** The room that a command was said in. */
export interface CommandRoom {
  /** Its id in the store; null while it is none of ours. */
  readonly id: number | null;
  /** Its name in the configuration, else its address. */
  readonly name: string;
  /** As the configuration writes it, `matrix:#a:example.org`, else with the resolved address. */
  readonly address: string;
  /** The address that sends use, without the platform's name. */
  readonly resolved: string;
  readonly platform: PlatformName;
  /** The account that speaks there; of a room that is none of ours the one that heard the command. */
  readonly account: AccountId;
  /** IANA name. */
  readonly timeZone: string;
  /** Time by which the wall clock is ahead of the store's time, in which commands count, ms. */
  readonly wallAheadMs: number;
  /** True if it hides the titles of offensive posts. */
  readonly masksOffensive: boolean;
  /** A conversation with the bot alone. */
  readonly direct: boolean;
}

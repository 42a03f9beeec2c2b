import type { Failure } from '../exchange.ts';

/** The reason why something cannot be encrypted or read. */
export type Refusal =
  /** A request to the homeserver failed: it may work later. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** It does not work until somebody does something; `reason` says it. */
  | {
      readonly kind: 'unusable';
      readonly reason: string;
      /** It would work with this. */
      readonly needs?: 'password';
    };

export const unusable = (reason: string): Refusal => ({ kind: 'unusable', reason });

/** Null stays null: nothing failed. */
export const refusalOf = (failure: Failure | null): Refusal | null =>
  failure === null ? null : { kind: 'failed', failure };

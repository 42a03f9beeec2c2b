import { objectOf } from '../../text/json.ts';
import type { Json } from '../../words.ts';
import { socketAddress } from './gateway-address.ts';

/** The part of Discord's answer that the account passes on to the shards in units of their own, so that they need not ask all at once. */
export interface ShardHint {
  /** The address of the gateway. */
  readonly url: string;
  /** Number of shards that may identify at a time. */
  readonly concurrency: number;
}

export const writeHint = ({ url, concurrency }: ShardHint): Json => ({ url, concurrency });

/** Reads what an account of ours wrote; null: it is not that. */
export function readHint(hint: Json): ShardHint | null {
  const { url, concurrency } = objectOf(hint);
  const address = socketAddress(url);
  return address === null || typeof concurrency !== 'number' ? null : { url: address, concurrency };
}

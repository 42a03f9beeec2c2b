import { randomBytes } from 'node:crypto';
import type { Sealing, SendResult } from '../../adapters/adapter.ts';
import { inOrder, type Orderable } from '../../subjects/order.ts';
import { decide } from './decide.ts';
import { keyProtects, type Stored } from './send-history.ts';
import type { Attempted, Transition } from './transition.ts';

/** The parts of the outbox that keep the promises "nothing lost, nothing twice, in order". */
export interface SendSafeguards {
  /** Promise 3: puts deliveries that wait together for a room and subject in order. */
  inOrder<T extends Orderable>(waiting: readonly T[]): T[];
  /** Promise 2: a new send's key, 128 random bits in base64url. */
  mintKey(): string;
  /** Promise 2: whether a repeat with the same key is safe without looking. */
  keyProtects(send: Stored, account: string, device: string, idempotentForMs: number): boolean;
  /** Promise 2: the state of the encryption that is stored together with an encrypted payload; null: none is. */
  stateWith(sealing: Sealing): ReturnType<Sealing['changes']> | null;
  /** Promises 1 and 2: everything that follows from an answer to a send. */
  decide(result: SendResult, send: Attempted): Transition;
}

const KEY_BYTES = 16;
/** Random bytes for the keys to come: a call for each costs more than all the rest of a key. */
let pool = Buffer.alloc(0);

function mintKey(): string {
  if (pool.length < KEY_BYTES) pool = randomBytes(256 * KEY_BYTES);
  const key = pool.toString('base64url', 0, KEY_BYTES);
  pool = pool.subarray(KEY_BYTES);
  return key;
}

export const sendSafeguards: SendSafeguards = {
  inOrder,
  mintKey,
  keyProtects,
  stateWith: (sealing) => sealing.changes(),
  decide,
};

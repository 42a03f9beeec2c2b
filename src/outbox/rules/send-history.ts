/** A stored send that is to be tried again. */
export interface Stored {
  readonly account: string;
  readonly device: string;
  /** Time since the first attempt, ms; Infinity if it is not known. */
  readonly ageMs: number;
}

/**
 * Returns true if a repeat with the same key makes no second message: same account, same device, and the platform still
 * remembers the key. Otherwise the room is searched for the send's mark first.
 */
export function keyProtects(send: Stored, account: string, device: string, idempotentForMs: number): boolean {
  return send.account === account && send.device === device && send.ageMs < idempotentForMs;
}

/** Most time that counts between two attempts, ms: no platform asks for a longer wait. */
const MOST_COUNTED_MS = 3_600_000;

/**
 * Returns how much time counts towards the 24 hours. The time since the last attempt does not count if no send of the account
 * got through meanwhile: then the platform was away, and the message is not at fault.
 */
export function countedMs(before: number, lastAttemptAt: number, now: number, lastSuccessAt: number | null): number {
  if (lastSuccessAt === null || lastSuccessAt <= lastAttemptAt) return before;
  return before + Math.min(MOST_COUNTED_MS, now - lastAttemptAt);
}

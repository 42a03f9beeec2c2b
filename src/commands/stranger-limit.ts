/** Number of answers at once, and the time until one more is allowed, in milliseconds. */
interface Allowance {
  readonly burst: number;
  readonly everyMs: number;
}

/**
 * A homeserver lets an account send 10 messages at once and 12 a minute by default, in all rooms together (Synapse,
 * https://element-hq.github.io/synapse/latest/usage/configuration/config_documentation.html#rc_message): a quarter of that is
 * for people who may change nothing, however many they are, and the rest for messages.
 */
const together: Allowance = { burst: 3, everyMs: 20_000 };
/** One of them does not use up what is for all. */
const each: Allowance = { burst: 2, everyMs: 60_000 };
/** People whose answers are counted at once. */
const mostPeople = 10_000;

/** The answers that are left, and since when: they fill up by themselves. */
interface Bucket {
  left: number;
  at: number;
}

/** Few answers for those who may not change anything. */
export interface StrangerLimit {
  /** True if the person is answered; the answer is then counted. */
  allows(person: string, nowMs: number): boolean;
}

export function createStrangerLimit(): StrangerLimit {
  const all: Bucket = { left: together.burst, at: Number.NEGATIVE_INFINITY };
  const people = new Map<string, Bucket>();

  return {
    allows(person, nowMs) {
      const own = people.get(person) ?? { left: each.burst, at: nowMs };
      people.delete(person);
      people.set(person, own);
      if (people.size > mostPeople) people.delete(people.keys().next().value!);
      fill(all, together, nowMs);
      fill(own, each, nowMs);
      if (all.left < 1 || own.left < 1) return false;
      all.left--;
      own.left--;
      return true;
    },
  };
}

/** A clock that is set back fills nothing. */
function fill(bucket: Bucket, { burst, everyMs }: Allowance, nowMs: number): void {
  bucket.left = Math.min(burst, bucket.left + Math.max(0, nowMs - bucket.at) / everyMs);
  bucket.at = nowMs;
}

/** So many commands of one person… */
const most = 10;
/** …within so long, in milliseconds. */
const windowMs = 30_000;
/** People whose commands are counted at once. */
const mostPeople = 10_000;

/** `fine`; `full`: refused, and told for how long; `silent`: refused, and told so already. */
export type Allowance =
  | { readonly outcome: 'fine' }
  | { readonly outcome: 'full'; readonly waitMs: number }
  | { readonly outcome: 'silent' };

export interface RateLimit {
  /** Counts a command. */
  ask(person: string, nowMs: number): Allowance;
  /** Whether a command would get no answer: then it is not worth any work. */
  isSilent(person: string, nowMs: number): boolean;
}

/** Ten commands in half a minute for each person: who asks more is told once, then nothing until there is room again. */
export function createRateLimit(): RateLimit {
  const people = new Map<string, { times: number[]; told: boolean }>();

  function ask(person: string, nowMs: number): Allowance {
    const known = people.get(person) ?? { times: [], told: false };
    known.times = known.times.filter((at) => nowMs - at < windowMs);
    people.delete(person);
    people.set(person, known);
    if (people.size > mostPeople) people.delete(people.keys().next().value!);
    if (known.times.length < most) {
      known.times.push(nowMs);
      known.told = false;
      return { outcome: 'fine' };
    }
    if (known.told) return { outcome: 'silent' };
    known.told = true;
    return { outcome: 'full', waitMs: windowMs - (nowMs - known.times[0]!) };
  }

  return {
    ask,
    isSilent(person, nowMs) {
      const known = people.get(person);
      return known?.told === true && known.times.filter((at) => nowMs - at < windowMs).length >= most;
    },
  };
}

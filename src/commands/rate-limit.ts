import { createRateWindow, type RateWindow } from '../time/rate-window.ts';

/** Number of commands of one person… */
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
  /** Returns true if a command would get no answer: then it is not worth any work. */
  isSilent(person: string, nowMs: number): boolean;
}

/** Ten commands in half a minute for each person: who asks more is told once, then nothing until there is room again. */
export function createRateLimit(): RateLimit {
  const people = new Map<string, { readonly window: RateWindow; isTold: boolean }>();

  function ask(person: string, nowMs: number): Allowance {
    const known = people.get(person) ?? { window: createRateWindow(most, windowMs), isTold: false };
    people.delete(person);
    people.set(person, known);
    if (people.size > mostPeople) people.delete(people.keys().next().value!);
    const waitMs = known.window.waitMs(nowMs);
    if (waitMs === 0) {
      known.window.add(nowMs);
      known.isTold = false;
      return { outcome: 'fine' };
    }
    if (known.isTold) return { outcome: 'silent' };
    known.isTold = true;
    return { outcome: 'full', waitMs };
  }

  return {
    ask,
    isSilent(person, nowMs) {
      const known = people.get(person);
      return known?.isTold === true && known.window.waitMs(nowMs) > 0;
    },
  };
}

import fc from 'fast-check';
import { openScreen } from './console/read.ts';
import { type Case, hostileCase } from './hostile-case.ts';
import { complaintsOf } from './property.ts';
import type { Complaint } from './reading.ts';

/** Number of cases per seed: enough for speed, few enough to be found again soon. */
const chunk = 250;
/** Number of failures of a kind that are made as small as possible; the rest are counted. */
const shrunkOfKind = 2;
/** Time limit for making a failure smaller, ms. */
const shrinkMs = 30_000;

/** A failure, as small as possible. */
export interface Found extends Complaint {
  /** Reproduces it: `npm run fuzz -- <cases> <seed>`. */
  readonly seed: number;
  readonly case: Case;
}

export interface Result {
  readonly cases: number;
  /** Number of cases with a failure of each kind. */
  readonly failures: ReadonlyMap<string, number>;
  readonly found: readonly Found[];
}

export interface Watch {
  /** Reports the number of finished cases, and of failed ones. */
  progress(done: number, failed: number): void;
  /** Reports each failure as soon as it was made small. */
  found(failure: Found): void;
}

/** Runs a number of cases. The same seed gives the same cases. */
export async function fuzz(cases: number, firstSeed: number, watch?: Watch): Promise<Result> {
  const screen = openScreen();
  const failures = new Map<string, number>();
  const found: Found[] = [];
  let failed = 0;
  const complaints = async (case_: Case): Promise<readonly Complaint[]> => {
    try {
      return await complaintsOf(case_, screen);
    } catch (error) {
      const { name, stack } = error as Error;
      return [{ kind: `throws ${name}`, detail: stack ?? String(error) }];
    }
  };

  try {
    for (let done = 0, seed = firstSeed; done < cases; done += chunk, seed++) {
      const numRuns = Math.min(chunk, cases - done);
      for (const case_ of fc.sample(hostileCase, { numRuns, seed })) {
        const kinds = new Map((await complaints(case_)).map((complaint) => [complaint.kind, complaint]));
        if (kinds.size > 0) failed++;
        for (const [kind, complaint] of kinds) {
          const before = failures.get(kind) ?? 0;
          failures.set(kind, before + 1);
          if (before >= shrunkOfKind) continue;
          const smallest = await shrink(seed, numRuns, async (smaller) => {
            return (await complaints(smaller)).every((each) => each.kind !== kind);
          });
          const detail = (await complaints(smallest ?? case_)).find((each) => each.kind === kind)?.detail;
          const failure: Found = { kind, detail: detail ?? complaint.detail, seed, case: smallest ?? case_ };
          found.push(failure);
          watch?.found(failure);
        }
      }
      watch?.progress(Math.min(done + chunk, cases), failed);
    }
  } finally {
    screen.close();
  }
  return { cases, failures, found };
}

async function shrink(seed: number, numRuns: number, isRight: (case_: Case) => Promise<boolean>): Promise<Case | null> {
  const property = fc.asyncProperty(hostileCase, isRight);
  const { counterexample } = await fc.check(property, { seed, numRuns, interruptAfterTimeLimit: shrinkMs });
  return counterexample?.[0] ?? null;
}

/** Describes a failure for people: its kind, the case as JSON, and how to reproduce it. */
export function describeFound({ kind, detail, seed, case: case_ }: Found): string {
  const json = JSON.stringify(case_).replace(/(?![\x20-\x7e])./gsu, (char) => {
    return char
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join('');
  });
  const shown = json.length > 2_000 ? `${json.slice(0, 2_000)}… (${json.length})` : json;
  return `${kind}\n  ${detail}\n  case: ${shown}\n  seed: ${seed}`;
}

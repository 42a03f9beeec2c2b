import { isCode } from './code.ts';
import { add, type Piece, type Run } from './runs.ts';

/** The end of a masked link's label. */
export const ending = '](';

/** Links as their text. */
export function withoutLinks(runs: readonly Run[]): readonly Run[] {
  const kept: Piece[] = [];
  for (const run of runs) {
    if (run.kind !== 'link') add(kept, run);
    else for (const piece of run.label) add(kept, { ...piece, style: piece.style | run.style });
  }
  return kept;
}

/**
 * Runs as they can be written: code that no backticks can hold is text, and white space at the ends of a link stands beside it.
 * `isAfterLink`: a masked link stands before, whose end the parser would look for in code, too.
 */
export function settle(runs: readonly Run[], isAfterLink: boolean): readonly Run[] {
  const kept: Run[] = [];
  let hasLink = isAfterLink;
  for (const run of runs) {
    if (run.kind === 'link') {
      const pieces: Piece[] = [];
      for (const piece of run.label) add(pieces, asPossible(piece, run.style, hasLink));
      const { lead, inner: label, trail } = trim(pieces);
      add(kept, { kind: 'text', text: lead, style: run.style });
      if (label.length > 0) {
        kept.push({ ...run, label });
        hasLink = true;
      }
      add(kept, { kind: 'text', text: trail, style: run.style });
    } else {
      add(kept, asPossible(run, 0, hasLink));
    }
  }
  return kept;
}

function asPossible(piece: Piece, outer: number, hasLink: boolean): Piece {
  const isKept = isCode(piece.text, piece.style | outer) && !(hasLink && piece.text.includes(ending));
  return piece.kind !== 'code' || isKept ? piece : { ...piece, kind: 'text' };
}

/** White space at its ends stands outside of formatting: Discord's asterisks do not open or close beside it. */
export function trim<T extends Run>(
  group: readonly (T | Piece)[],
): { lead: string; inner: readonly (T | Piece)[]; trail: string } {
  const inner = [...group];
  let lead = '';
  let trail = '';
  for (let first = inner[0]; first !== undefined && first.kind === 'text'; first = inner[0]) {
    const text = first.text.trimStart();
    lead += first.text.slice(0, first.text.length - text.length);
    if (text !== '') {
      inner[0] = { ...first, text };
      break;
    }
    inner.shift();
  }
  for (let last = inner.at(-1); last !== undefined && last.kind === 'text'; last = inner.at(-1)) {
    const text = last.text.trimEnd();
    trail = last.text.slice(text.length) + trail;
    if (text !== '') {
      inner[inner.length - 1] = { ...last, text };
      break;
    }
    inner.pop();
  }
  return { lead, inner, trail };
}

import type { ASTNode } from '@marcbachmann/cel-js';
import { limits, loops } from './condition-language.ts';

/** A part of a condition, by its operator. */
export type Part<Op extends ASTNode['op']> = Extract<ASTNode, { op: Op }>;

/** All parts of a condition. `tooDeep`: parts deeper than `limits.depth` are left out. */
export interface Parts {
  readonly parts: readonly ASTNode[];
  readonly tooDeep: boolean;
}

/** Returns the parts of a condition from the root down, but those inside loops: names there may be the loop's own variable. */
export function partsOf(root: ASTNode): Parts {
  const parts: ASTNode[] = [];
  // Level by level, so that no depth overflows the stack.
  let level: readonly ASTNode[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limits.depth) return { parts, tooDeep: true };
    for (const part of level) parts.push(part);
    level = level.flatMap((part) => (part.op === 'rcall' && loops.has(part.args[0]) ? [] : childrenOf(part)));
  }
  return { parts, tooDeep: false };
}

function childrenOf(part: ASTNode): readonly ASTNode[] {
  switch (part.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [part.args[0]];
    case 'call':
      return part.args[1];
    case 'rcall':
      return [part.args[1], ...part.args[2]];
    case 'map':
      return part.args.flat();
    case '!_':
    case '-_':
      return [part.args];
    default:
      return part.args;
  }
}

import type { ASTNode } from '@marcbachmann/cel-js';
import { partsOf } from './condition-parts.ts';
import type { ConditionModel } from './condition-row.ts';

/** The field of a report, and of a subject, that holds the domain of a site. */
const SITE = 'site';

/** A site that a condition compares with. */
export interface NamedSite {
  /** Its place in the condition, UTF-16 units, with its quotes. */
  readonly offset: number;
  readonly length: number;
  readonly written: string;
  readonly domain: string;
}

/**
 * Replaces the sites that a condition compares with by their domains, so that `object.site == "Stack Overflow"` means
 * `stackoverflow.com`, and returns them. It is done when the condition is compiled, and costs nothing when it runs.
 */
export function placeSites(root: ASTNode, models: readonly ConditionModel[]): readonly NamedSite[] {
  const nameSite = models.find((model) => model.nameSite !== undefined)?.nameSite;
  if (nameSite === undefined) return [];
  const found: NamedSite[] = [];
  const isAdded = models.some(({ added }) => added?.includes(SITE) === true);
  const place = (node: ASTNode) => {
    const literal = node as { args: unknown };
    if (node.op !== 'value' || typeof node.args !== 'string') return;
    const domain = nameSite(node.args);
    const { start, end } = node.range;
    found.push({ offset: start, length: end - start, written: node.args, domain });
    literal.args = domain;
  };
  for (const part of partsOf(root).parts) {
    if (part.op !== '==' && part.op !== '!=' && part.op !== 'in') continue;
    const [left, right] = part.args;
    const other = isSite(left, isAdded) ? right : part.op !== 'in' && isSite(right, isAdded) ? left : null;
    if (other?.op === 'list') for (const item of other.args) place(item);
    else if (other !== null) place(other);
  }
  return found;
}

/** Returns true for `subject.site`, and for `object.site` of a report. */
function isSite(node: ASTNode, isAdded: boolean): boolean {
  const [owner, field] = node.op === '.' ? node.args : node.op === '[]' ? node.args : [];
  if (owner?.op !== 'id' || !(owner.args === 'subject' || (owner.args === 'object' && isAdded))) return false;
  return field === SITE || (typeof field === 'object' && field.op === 'value' && field.args === SITE);
}

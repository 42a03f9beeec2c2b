import type { Shape } from './side.ts';

/** Sorts tables so that each comes behind those that it refers to. Throws if some refer to each other. */
export function orderTables(shapes: readonly Shape[]): readonly Shape[] {
  const ordered: Shape[] = [];
  let left = shapes;
  while (left.length > 0) {
    const waiting = new Set(left.map(({ name }) => name));
    const ready = left.filter(({ needs }) => !needs.some((name) => waiting.has(name)));
    if (ready.length === 0) throw new Error(`tables refer to each other: ${[...waiting].join(', ')}`);
    ordered.push(...ready);
    left = left.filter((shape) => !ready.includes(shape));
  }
  return ordered;
}

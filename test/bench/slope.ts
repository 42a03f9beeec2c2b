/** A value measured at a size. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Returns the slope of the straight line nearest to the points (least squares); NaN for fewer than two different `x`. */
export function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  return mean(({ x, y }) => (x - meanX) * (y - meanY)) / mean(({ x }) => (x - meanX) ** 2);
}

/**
 * Returns the slope of log y over log x: 0 if `y` does not depend on `x`, 1 if it is proportional, 2 if it is
 * quadratic.
 */
export function logLogSlope(points: readonly Point[]): number {
  return slope(points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) })));
}

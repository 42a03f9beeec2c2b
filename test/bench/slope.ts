/** A value measured at a size. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The slope of the straight line that lies nearest to the points (least squares); NaN for fewer than two different `x`. */
export function slope(points: readonly Point[]): number {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [meanX, meanY] = [mean(({ x }) => x), mean(({ y }) => y)];
  return mean(({ x, y }) => (x - meanX) * (y - meanY)) / mean(({ x }) => (x - meanX) ** 2);
}

/** The slope of log y over log x: 0 where `y` does not depend on `x`, 1 where it is proportional, 2 where it is quadratic. */
export function logLogSlope(points: readonly Point[]): number {
  return slope(points.map(({ x, y }) => ({ x: Math.log(x), y: Math.log(y) })));
}

/** The result of `expect` of vitest, of Jest, or of the package `expect`. */
export interface Matchers {
  readonly not: Matchers;
  toBe(expected: unknown): void;
  toEqual(expected: unknown): void;
  toMatchObject(expected: object): void;
  toMatch(expected: RegExp): void;
  toContain(expected: unknown): void;
  toContainEqual(expected: unknown): void;
  toHaveLength(expected: number): void;
  toBeNull(): void;
  toBeGreaterThan(expected: number): void;
  toBeGreaterThanOrEqual(expected: number): void;
  toBeLessThan(expected: number): void;
}

/** The functions of a test runner that the contracts use: those of vitest and Jest, or of `node:test` with the package `expect`. */
export interface Runner {
  readonly describe: (name: string, run: () => void) => unknown;
  readonly it: (name: string, run: () => void | Promise<void>) => unknown;
  readonly beforeEach: (run: () => Promise<void>) => unknown;
  readonly afterEach: (run: () => Promise<void>) => unknown;
  readonly expect: {
    (actual: unknown): Matchers;
    stringMatching(pattern: RegExp): unknown;
    stringContaining(text: string): unknown;
    any(type: unknown): unknown;
  };
}

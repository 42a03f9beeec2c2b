import pg from 'pg';

/** Statements whose answer has not come yet; null: the stores of these tests answer at once, as SQLite does. */
let underWay: number | null = null;

/** Counts the statements that any connection of this process has under way. */
export function countStatements(): void {
  if (underWay !== null) return;
  underWay = 0;
  for (const name of ['query', 'connect', 'end'] as const) {
    const real = pg.Client.prototype[name] as (...given: unknown[]) => unknown;
    (pg.Client.prototype as unknown as Record<string, unknown>)[name] = function counted(...given: unknown[]) {
      const result = real.apply(this, given);
      if (!(result instanceof Promise)) return result;
      underWay! += 1;
      const ended = () => {
        underWay! -= 1;
      };
      result.then(ended, ended);
      return result;
    };
  }
}

/** Returns true if the stores of these tests are on PostgreSQL; for what is SQLite's own, such as its query plans. */
export function isOnPostgres(): boolean {
  return underWay !== null;
}

/** Turns of the event loop without a statement, after which whatever a statement woke has asked its own. */
const QUIET_TURNS = 3;

/** Resolves when everything that is ready has run, with the statements that it asked. */
export async function allAnswered(): Promise<void> {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  if (underWay === null) return turn();
  for (let quiet = 0; quiet < QUIET_TURNS; ) {
    await turn();
    quiet = underWay === 0 ? quiet + 1 : 0;
  }
}

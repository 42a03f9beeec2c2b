import { setTimeout as pause } from 'node:timers/promises';

/**
 * Checks every `everyMs` until the answer is not undefined, and returns it. For conditions of outside processes that
 * report nothing; everything inside our own process is awaited. Fails after `timeoutMs`, naming `what` and the last
 * result of `describe`.
 */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  options: { readonly timeoutMs: number; readonly everyMs?: number; readonly describe?: () => unknown },
): Promise<T> {
  const end = Date.now() + options.timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) {
      const last = options.describe === undefined ? '' : ` (last seen: ${JSON.stringify(await options.describe())})`;
      throw new Error(`${what}: not within ${options.timeoutMs} ms${last}`);
    }
    await pause(options.everyMs ?? 50);
  }
}

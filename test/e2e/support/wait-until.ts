import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again every `everyMs` until the answer is not undefined, and gives it. For what only an outside process knows, and
 * tells nobody; everything inside ours is awaited. Fails after `timeoutMs`, naming `what` and the last thing that `describe` says.
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

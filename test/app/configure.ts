import type { TestApp } from '../support/test-app.ts';

/** A reload waits for real sockets and for the time of the test. */
export async function configure(app: TestApp, changes: Parameters<TestApp['configure']>[0]) {
  let reloaded: Awaited<ReturnType<TestApp['configure']>> | null = null;
  void app.configure(changes).then((result) => {
    reloaded = result;
  });
  await app.listenUntil(() => reloaded !== null);
  return reloaded!;
}

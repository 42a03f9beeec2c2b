import { afterAll, beforeAll, expect } from 'vitest';

/** Fails a test file that leaves a server, a socket or a timer open: every start must have a stop. */
const watched = ['TCPServerWrap', 'TCPSocketWrap', 'Timeout', 'Immediate', 'FSEventWrap'];
let before: readonly string[] = [];

/**
 * Returns the resources that were opened since, by kind, because the test runner has a timer of its own that comes and
 * goes.
 */
function left(): readonly string[] {
  const now = process.getActiveResourcesInfo();
  const count = (all: readonly string[], kind: string) => all.filter((name) => name === kind).length;
  return watched.flatMap((kind) => Array<string>(Math.max(0, count(now, kind) - count(before, kind))).fill(kind));
}

beforeAll(() => {
  before = process.getActiveResourcesInfo();
});

afterAll(async () => {
  const giveUpAt = performance.now() + 2_000;
  while (left().length > 0 && performance.now() < giveUpAt) await new Promise((r) => setImmediate(r));
  expect(left(), 'left open').toEqual([]);
});

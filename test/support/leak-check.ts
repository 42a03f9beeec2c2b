import { afterAll, beforeAll, expect } from 'vitest';

/** Fails a test file that leaves a server, a socket or a timer open: every start has a stop. */
const watched = new Set(['TCPServerWrap', 'TCPSocketWrap', 'Timeout', 'Immediate', 'FSEventWrap']);
const open = () => process.getActiveResourcesInfo().filter((name) => watched.has(name));
let before = 0;

beforeAll(() => {
  before = open().length;
});

afterAll(async () => {
  const giveUpAt = performance.now() + 2_000;
  while (open().length > before && performance.now() < giveUpAt) await new Promise((r) => setImmediate(r));
  const left = open();
  expect(left.length, `left open: ${left.join(', ')}`).toBeLessThanOrEqual(before);
});

import { expect, it } from 'vitest';
import type { SendRequest, SendResult } from '../../src/adapters/adapter.ts';
import { createReplaceableAdapter } from '../../src/adapters/replaceable-adapter.ts';
import { createScriptedAdapter } from '../support/scripted-adapter.ts';
import { createTestClock } from '../support/test-clock.ts';

it('does not blame the account for a late answer to the one before', async () => {
  const clock = createTestClock();
  const late = Promise.withResolvers<SendResult>();
  const refused = { outcome: 'accountBroken', reason: '401' } as const;
  const before = { ...createScriptedAdapter(), send: () => late.promise };
  const after = { ...createScriptedAdapter(), send: async () => refused };
  const adapter = createReplaceableAdapter(before, clock);
  const request = {} as SendRequest;
  const signal = new AbortController().signal;
  const sent = adapter.send(request, signal);
  const replaced = adapter.replace(async () => after);
  await clock.advance(10_000);
  await replaced;
  late.resolve(refused);
  expect(await sent).toMatchObject({ outcome: 'notAccepted', scope: 'room' });
  expect(await adapter.send(request, signal)).toEqual(refused);
});

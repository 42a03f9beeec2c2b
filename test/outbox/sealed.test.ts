import { afterEach, expect, it } from 'vitest';
import type { SendRequest } from '../../src/adapters/adapter.ts';
import { anEvent } from '../support/events.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';
import { createScriptedAdapter } from '../support/scripted-adapter.ts';

let rig: OutboxRig;
afterEach(() => rig.stop());

/** Encrypts, as far as the outbox sees it. */
const seal = ({ storeSealed, payload }: SendRequest) =>
  storeSealed?.({
    payload: `sealed ${payload}`,
    index: { session: 'session', index: 0 },
    changes: () => ({ device: { account: '@bot:here', device: 'DEVICE' }, emptied: [], records: [] }),
    stored() {},
  });

/** A crash during the first attempt of a message in a room whose messages are encrypted, after `before`, and the next start. */
async function crash(before: (request: SendRequest) => Promise<void> | undefined): Promise<void> {
  rig = await createOutboxRig({ adapter: Object.assign(createScriptedAdapter(), { seals: () => true }) });
  rig.adapter.answers.push(async (request, signal) => {
    await before(request);
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  });
  await rig.deliver(anEvent({ id: 1 }));
  rig = await rig.restart();
}

it('a message that was not encrypted before a crash never left: it is sent at once, and not searched for', async () => {
  await crash(async () => {});
  const [first, again] = rig.adapter.requests;
  expect(rig.adapter.lookups).toEqual([]);
  expect(again).toMatchObject({ key: first!.key, payload: first!.payload, sealed: null });
  expect(await rig.deliveries()).toEqual(['sent']);
});

it('a message that was encrypted before a crash is repeated with the same bytes', async () => {
  await crash(seal);
  const [first, again] = rig.adapter.requests;
  expect(again).toMatchObject({ key: first!.key, sealed: `sealed ${first!.payload}` });
  expect(await rig.deliveries()).toEqual(['sent']);
});

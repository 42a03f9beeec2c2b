import { type TestAnswer, type TestParts, type TestRequest, testRoom } from '../control/test-message.ts';
import { LastReload } from '../reload/last-reload.ts';
import { findNamedRoom } from '../rooms/named-room.ts';
import { asStoreError } from '../store/store-errors.ts';
import { type Base, buildBase, storeNameOf } from './build-base.ts';
import { buildDelivery, type Delivery } from './build-delivery.ts';
import { createLifecycle, type Lifecycle } from './lifecycle.ts';
import { createMonitoring } from './monitoring.ts';
import type { AppOptions } from './options.ts';

/** Time for a send in flight to end, ms. */
const GRACE_MS = 1_000;

/** Returns the parts that a test message needs. */
export function testPartsOf(
  { platforms, clock, log }: Pick<AppOptions, 'platforms' | 'clock' | 'log'>,
  { base, delivery }: { readonly base: Base; readonly delivery: Pick<Delivery, 'outbox' | 'mutes'> },
): TestParts {
  const { db, directory, inEffect } = base;
  const { outbox, mutes } = delivery;
  return { db, directory, outbox, platforms, clock, log, rooms: () => inEffect.rooms, holding: mutes.holding };
}

/**
 * Sends a test message while no Lookout runs: holds the store's lock, logs in on the room's chat alone, and works in that
 * room alone. No events are received, and no commands are read. Throws a `StoreError` if the store cannot be used.
 */
export async function testAlone(options: AppOptions, request: TestRequest): Promise<TestAnswer> {
  const lifecycle = createLifecycle(options);
  try {
    return await test(options, request, lifecycle);
  } catch (err) {
    throw asStoreError(storeNameOf(options.config), err);
  } finally {
    await lifecycle.stop(GRACE_MS);
  }
}

async function test(options: AppOptions, request: TestRequest, lifecycle: Lifecycle): Promise<TestAnswer> {
  const lastReload = new LastReload(options.clock);
  const alone = { lastReload: () => lastReload, units: () => [], configDiffers: () => false };
  const monitoring = await createMonitoring({ ...options, process: alone });
  const base = await buildBase(options, lifecycle);
  const found = findNamedRoom(request.room, base.inEffect.rooms);
  if (found.outcome === 'unknown') return found;
  const { room } = found;
  const delivery = await buildDelivery(options, { base, monitoring, end() {} }, lifecycle);
  const { outbox } = delivery;
  const others = outbox.workers.filter(({ gate }) => gate.room.id !== room.id);
  await Promise.all(others.map(({ gate }) => outbox.removeRoom(gate.room.id)));
  const accounts = outbox.accounts.map(({ id }) => id).filter((id) => id !== room.account);
  await Promise.all(accounts.map((id) => outbox.removeAccount(id)));
  outbox.start();
  return testRoom(testPartsOf(options, { base, delivery }), request);
}

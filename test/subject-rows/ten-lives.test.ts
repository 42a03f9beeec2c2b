import { afterEach, expect, it } from 'vitest';
import { createDraw } from '../../src/app/draw-messages.ts';
import { silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';
import { links } from '../../src/metasmoke/links.ts';
import { metasmoke } from '../../src/metasmoke/metasmoke.ts';
import { loadTemplates, shippedTemplates } from '../../src/render/load-templates.ts';
import { createRenderer } from '../../src/render/renderer.ts';
import type { WireEvent } from '../e2e/support/rails-server.ts';
import { createRandom } from '../e2e/support/random.ts';
import { createOutboxRig, type OutboxRig } from '../support/outbox-rig.ts';
import { tenLives } from '../support/ten-lives.ts';
import { createTestClock } from '../support/test-clock.ts';

const orders = 50;
const seed = 2026;
const catalogue = createCatalogue();
const renderer = createRenderer(loadTemplates([shippedTemplates]).templates, links);

let rig: OutboxRig;
afterEach(() => rig.stop());

/** Returns the final content of a room, whatever was shown in between: one card per post. */
async function played(events: readonly WireEvent[]): Promise<readonly string[]> {
  const clock = createTestClock();
  rig = await createOutboxRig({
    clock,
    options: { card: true },
    card: (card, room) => {
      const config = { rooms: [], source: { name: 'metasmoke', kind: metasmoke }, catalogue };
      return createDraw({ config, db: rig.store.db, renderer, masked: () => new Set(), clock, log: silentLog }).card(
        card,
        room,
      );
    },
  });
  const { clock: time } = rig;
  for (const event of events) {
    const decoded = decode(event, {
      source: 'metasmoke',
      receivedAt: time.now(),
      origin: 'live',
      catalogue,
      siteOf: () => null,
    });
    if (decoded.outcome !== 'event') throw new Error('the sample is not an event');
    const isReport = event.event_class === 'Post' && event.event_type === 'create';
    await rig.deliver(decoded.event, isReport ? ['matrix:!a'] : []);
    await time.advance(30);
  }
  await time.advance(5_000);
  return rig.shown().toSorted();
}

it(`ten lives end in the same cards in ${orders} random orders of arrival (seed ${seed})`, {
  timeout: 120_000,
}, async () => {
  const random = createRandom(seed);
  const lives = tenLives(Math.floor(Date.UTC(2026, 0, 2, 3, 0, 0) / 1_000));
  const expected = await played(lives);
  await rig.stop();
  expect(expected).toHaveLength(10);
  for (let order = 1; order < orders; order++) {
    const shown = await played(random.shuffle(lives));
    expect(shown, `order ${order}`).toEqual(expected);
    await rig.stop();
  }
  expect(await played(random.shuffle(lives))).toEqual(expected);
});

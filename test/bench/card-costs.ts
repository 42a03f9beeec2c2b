/**
 * `node --expose-gc card-costs.ts <store> <subjects> <events>`: prints the costs of events on subjects with open cards,
 * as JSON.
 */

import { enqueue } from '../../src/ingest/store-event.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';
import { openStore } from '../../src/store/open-store.ts';
import { readState } from '../../src/subject-rows/known-post.ts';
import { aNewEvent } from '../support/new-event.ts';
import { feedbackOn } from './sample.ts';

const [file = '', subjects = '1', events = '1'] = process.argv.slice(2);
const catalogue = createCatalogue();
const { db, close } = await openStore(file);

const took: number[] = [];
for (let index = 0; index < Number(events); index++) {
  const post = 1 + (index % Number(subjects));
  const receivedAt = Date.now();
  const decoded = decode(JSON.parse(feedbackOn(index + 1, post)), {
    source: 'bench',
    receivedAt,
    origin: 'live',
    catalogue,
    siteOf: () => null,
  });
  if (decoded.outcome !== 'event') throw new Error('a sample is not an event');
  const { event } = decoded;
  const item = aNewEvent(event);
  const began = performance.now();
  // As in a busy minute: many events in a transaction. The commit to disk costs the same for all.
  await db.transaction().execute((trx) => enqueue(trx, item));
  await readState(db, event.subject);
  took.push(performance.now() - began);
}
took.sort((a, b) => a - b);
globalThis.gc?.();
console.log(
  JSON.stringify({ medianMs: took[Math.floor(took.length / 2)], memoryMb: process.memoryUsage.rss() / 1024 / 1024 }),
);
await close();

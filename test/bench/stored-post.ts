import type { NewEvent } from '../../src/ingest/new-event.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';
import { aNewEvent } from '../support/new-event.ts';
import { postCreated } from './sample.ts';

const receivedAt = Date.now() - 60_000;
const catalogue = createCatalogue();

/** Returns a report as the pipeline stores it, without deliveries. */
export function storedPost(id: number): NewEvent {
  const decoded = decode(JSON.parse(postCreated(id)), {
    source: 'bench',
    receivedAt,
    origin: 'live',
    catalogue,
    siteOf: () => null,
  });
  if (decoded.outcome !== 'event') throw new Error('a sample is not an event any more');
  return aNewEvent(decoded.event);
}

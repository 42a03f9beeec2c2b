import { type IngestSafeguards, ingestSafeguards } from '../ingest/safeguards.ts';
import { type SendSafeguards, sendSafeguards } from '../outbox/rules/safeguards.ts';

/**
 * The parts that keep the promises "nothing lost, nothing twice, in order". They are passed to the app, so that a test
 * can leave one out and see the promise break.
 */
export type Safeguards = IngestSafeguards & SendSafeguards;

export const safeguards: Safeguards = { ...ingestSafeguards, ...sendSafeguards };

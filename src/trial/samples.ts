import { type EventSpec, typesOf } from '../catalogue/event-spec.ts';
import type { Config } from '../config/config.ts';
import type { Input } from '../inputs/input.ts';
import { type Event, sentTypes } from '../words.ts';

/** Number of sample events that are looked through: every kind of them comes in the first hundred. */
const mostLookedAt = 1_000;

/** Sample messages of the source, oldest first. */
export interface Samples {
  /** The messages up to the one that was asked for; of events that the source sends, those about its subject alone. */
  readonly messages: readonly unknown[];
  /** True if it is derived from them, so that any of them may lead to it. */
  readonly isDerived: boolean;
}

export interface SamplesOptions {
  readonly config: Pick<Config, 'catalogue' | 'source'>;
  readonly input: Pick<Input, 'samples'>;
  /** Unix milliseconds. */
  readonly now: number;
}

/** Returns true if a spec names an event, given as `posts#create`. */
export function names(spec: EventSpec, event: string): boolean {
  const [model = '', type] = event.split('#');
  return [...(spec.get(model) ?? [])].some((each) => each === type);
}

/** Returns the samples of the first event that a spec names; null: there is none. */
export async function samplesOf(spec: EventSpec, options: SamplesOptions): Promise<Samples | null> {
  const { catalogue } = options.config;
  const isSent = (type: string) => sentTypes.some((each) => each === type);
  const isDerived = [...spec].every(([model, types]) =>
    [...types].every((type) => !isSent(type) && typesOf(catalogue.model(model)).includes(type)),
  );
  const all = await readSamples(options);
  if (isDerived) return { messages: all.map(({ message }) => message), isDerived };
  const index = all.findIndex(({ event }) => names(spec, `${event.model}#${event.type}`));
  if (index < 0) return null;
  const { subject } = all[index]!.event;
  const about = all.slice(0, index + 1).filter(({ event }) => event.subject === subject);
  return { messages: about.map(({ message }) => message), isDerived };
}

/** Returns the events of which there are samples: `posts#create`, sorted. */
export async function sampleNames(options: SamplesOptions): Promise<readonly string[]> {
  const all = await readSamples(options);
  return [...new Set(all.map(({ event: { model, type } }) => `${model}#${type}`))].sort();
}

async function readSamples({ config, input, now }: SamplesOptions) {
  const { catalogue, source } = config;
  const context = { source: source.name, receivedAt: now, origin: 'live', catalogue, siteOf: () => null } as const;
  const all: { readonly message: unknown; readonly event: Event }[] = [];
  for (const message of await input.samples(now)) {
    const read = source.kind.decode(message, context);
    if (read.outcome === 'event') all.push({ message, event: read.event });
    if (all.length >= mostLookedAt) break;
  }
  return all;
}

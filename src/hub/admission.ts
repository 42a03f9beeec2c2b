import type { Catalogue, ModelInfo } from '../catalogue/catalogue.ts';
import { type EventSpec, parseEventSpec, type SentSpec } from '../catalogue/event-spec.ts';
import { type EventType, type SentType, sentTypes } from '../words.ts';
import { parseJsonObject } from './client-command.ts';
import type { KeyCheck } from './key-check.ts';

/** The outcome of a subscribe command. */
export type Admission =
  /** An empty spec asks for the legacy streams, as in the API. */
  | { readonly outcome: 'confirmed'; readonly spec: SentSpec }
  /** `problems` says what is wrong and how to correct it; it never contains a key. */
  | { readonly outcome: 'rejected'; readonly problems: readonly string[] };

export interface AdmissionRules {
  readonly isKey: KeyCheck;
  readonly catalogue: Catalogue;
  /** `served`: a client that names no events is sent metasmoke's legacy streams. */
  readonly legacy: 'served' | 'rejected';
}

/**
 * Decides whether to confirm the subscription that a client's identifier requests.
 *
 * metasmoke confirms a misspelt `events` and then sends nothing, never answers an unknown channel, and gives a missing
 * `events` four streams in another format. None of this helps a newcomer, so the hub rejects all three and logs the
 * reason; the third is confirmed by a hub that serves those streams. It rejects Lookout's derived types in the same way, because metasmoke has no such types, and the hub sends no
 * such events. The key is checked first, so that a client without one learns nothing else.
 */
export function admit(identifier: string, { isKey, catalogue, legacy }: AdmissionRules): Admission {
  const rejected = (...problems: string[]): Admission => ({ outcome: 'rejected', problems });
  const asked = parseJsonObject(identifier);
  if (asked === null)
    return rejected('the identifier is not a JSON object: {"channel":"ApiChannel","key":…,"events":…}');
  const { channel, key, events } = asked;
  if (typeof key !== 'string' || !isKey(key)) return rejected('unknown key');
  if (channel !== 'ApiChannel') return rejected('unknown channel: the hub serves only ApiChannel');
  const namesNone = events === undefined || events === null || events === '';
  if (legacy === 'served' && namesNone) return { outcome: 'confirmed', spec: new Map() };
  if (typeof events !== 'string' || events.trim() === '') {
    return rejected('no events: name them, for example "events":"posts#create;feedbacks"');
  }
  const parsed = parseEventSpec(events, catalogue);
  if (parsed.outcome === 'problems') {
    const better = parseEventSpec(events, withoutDerived(catalogue));
    const { problems } = better.outcome === 'problems' ? better : parsed;
    return rejected(...problems.slice(0, 5).map(({ wrong, right }) => `${wrong}: ${right}`.slice(0, 300)));
  }
  const derived = derivedIn(parsed.spec);
  if (derived.length > 0)
    return rejected(
      `only Lookout itself derives ${derived.slice(0, 5).join(', ')}: ask the hub for ${sentTypes.join(', ')}`,
    );
  return { outcome: 'confirmed', spec: parsed.spec as SentSpec };
}

/** Returns a catalogue of what the API sends alone, so that no hint names a derived type. */
function withoutDerived(catalogue: Catalogue): Catalogue {
  const sent = (model: ModelInfo | undefined) => (model?.isSent === true ? { ...model, derived: [] } : undefined);
  return {
    names: catalogue.names.filter((name) => catalogue.model(name)?.isSent),
    model: (name) => sent(catalogue.model(name)),
    byClass: (className) => sent(catalogue.byClass(className)),
    ofRole: (role) => sent(catalogue.ofRole(role)),
  };
}

/** Returns the types in a spec that the API does not have: `posts#deleted`. */
function derivedIn(spec: EventSpec): readonly string[] {
  return [...spec].flatMap(([model, types]) =>
    [...types].filter((type) => !isSent(type)).map((type) => `${model}#${type}`),
  );
}

const isSent = (type: EventType): type is SentType => (sentTypes as readonly EventType[]).includes(type);

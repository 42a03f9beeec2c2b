import type { Catalogue } from '../metasmoke/catalogue.ts';
import { type EventSpec, parseEventSpec } from '../metasmoke/event-spec.ts';
import { parseJsonObject } from './client-command.ts';
import type { KeyCheck } from './key-check.ts';

/** What becomes of a subscribe. */
export type Admission =
  | { readonly outcome: 'confirmed'; readonly spec: EventSpec }
  /** `problems` says what is wrong and what would be right; it holds no key. */
  | { readonly outcome: 'rejected'; readonly problems: readonly string[] };

/**
 * Decides on an identifier as a client sent it.
 *
 * metasmoke confirms a misspelt `events` and is then silent, leaves an unknown channel without an answer, and takes a missing
 * `events` for four streams of another shape. A newcomer learns nothing from any of these: the hub rejects all three, and
 * its log says why. The key comes first, so that a stranger learns nothing else.
 */
export function admit(identifier: string, isKey: KeyCheck, catalogue: Catalogue): Admission {
  const rejected = (...problems: string[]): Admission => ({ outcome: 'rejected', problems });
  const asked = parseJsonObject(identifier);
  if (asked === null) return rejected('the identifier is no JSON object: {"channel":"ApiChannel","key":…,"events":…}');
  const { channel, key, events } = asked;
  if (typeof key !== 'string' || !isKey(key)) return rejected('the key is not known here');
  if (channel !== 'ApiChannel') return rejected('unknown channel: the hub serves ApiChannel alone');
  if (typeof events !== 'string' || events.trim() === '') {
    return rejected('no events: name them, as in "events":"posts#create;feedbacks"');
  }
  const parsed = parseEventSpec(events, catalogue);
  if (parsed.outcome === 'ok') return { outcome: 'confirmed', spec: parsed.spec };
  return rejected(...parsed.problems.slice(0, 5).map(({ wrong, right }) => `${wrong}: ${right}`.slice(0, 300)));
}

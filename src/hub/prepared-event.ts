import type { Catalogue } from '../catalogue/catalogue.ts';
import { unknownModel } from '../metasmoke/catalogue.ts';
import type { SentType } from '../words.ts';
import { messageTail } from './frames.ts';
import type { WireEvent } from './wire-event.ts';

/** An event serialized once for all its recipients. */
export interface PreparedEvent {
  readonly model: string;
  readonly type: SentType;
  readonly tail: Buffer;
  readonly event: WireEvent;
}

/**
 * Serializes an event.
 *
 * @throws RangeError if the row is nested thousands of levels deep.
 */
export function prepareEvent({ event_type, event_class, object }: WireEvent, catalogue: Catalogue): PreparedEvent {
  const model = catalogue.byClass(event_class) ?? unknownModel(event_class);
  const event = { event_type, event_class, object };
  return { model: model.name, type: event_type, tail: messageTail(event), event };
}

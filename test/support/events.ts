import type { Event, EventObject, EventType, Origin } from '../../src/words.ts';
import { roleOf } from './the-catalogue.ts';

/** Returns an event with the given parts; the rest is plausible. */
export function anEvent(parts: {
  readonly model?: string;
  readonly class?: string;
  readonly type?: EventType;
  readonly id?: number;
  readonly subject?: string;
  readonly updatedAt?: string | null;
  readonly receivedAt?: number;
  readonly origin?: Origin;
  readonly object?: EventObject;
}): Event {
  const model = parts.model ?? 'posts';
  const id = parts.id ?? 1;
  const updatedAt = parts.updatedAt === undefined ? '2026-01-02T03:04:05.000Z' : parts.updatedAt;
  return {
    source: 'metasmoke',
    model,
    class: parts.class ?? 'Post',
    role: roleOf(model),
    type: parts.type ?? 'create',
    rowId: String(id),
    subject: parts.subject ?? `post:${id}`,
    updatedAt,
    receivedAt: parts.receivedAt ?? Date.UTC(2026, 0, 2, 3, 4, 5),
    origin: parts.origin ?? 'live',
    object: { id, updated_at: updatedAt, ...parts.object },
  };
}

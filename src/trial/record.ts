import type { Catalogue, ModelInfo } from '../catalogue/catalogue.ts';
import type { SourceKind } from '../catalogue/source-kind.ts';
import type { Secret } from '../secrets/secret.ts';
import { withoutSecrets } from '../secrets/without-secrets.ts';
import { excerpt } from '../text/excerpt.ts';
import type { EventObject, Json, SentType } from '../words.ts';

export interface RecordOptions {
  readonly kind: Pick<SourceKind, 'decode' | 'messageOf'>;
  readonly catalogue: Catalogue;
  readonly secrets: readonly Secret[];
  /** Longest value of a column that may be long, such as a body, UTF-16 units: the rest is cut off. Null: it stays whole. */
  readonly longestText: number | null;
}

/**
 * Returns a message of the source as a line of a file of events: with the time at which it came, without private
 * columns and secrets. Null if it is not an event.
 */
export function recordLine(message: unknown, receivedAt: number, options: RecordOptions): string | null {
  const { kind, catalogue, secrets, longestText } = options;
  const context = { source: 'record', receivedAt, origin: 'live', catalogue, siteOf: () => null } as const;
  const read = kind.decode(message, context);
  if (read.outcome !== 'event') return null;
  const { type, class: name, object } = read.event;
  const model = catalogue.byClass(name) ?? unknownModel(name, catalogue);
  const row = Object.fromEntries(
    Object.entries(object)
      .filter(([column]) => !model.added.includes(column))
      .map(([column, value]) => {
        const isLong = ['text', undefined].includes(model.fields[column]);
        return [column, longestText === null || !isLong ? value : cut(value, longestText)];
      }),
  );
  const line = { at: new Date(receivedAt).toISOString(), ...(kind.messageOf(type as SentType, model, row) as object) };
  return `${withoutSecrets(JSON.stringify(line), secrets)}\n`;
}

/** Returns a model for the class of a row that the catalogue does not know. */
function unknownModel(name: string, catalogue: Catalogue): ModelInfo {
  const any = catalogue.model(catalogue.names[0] ?? '');
  if (any === undefined) throw new Error('the source has no models');
  return { ...any, class: name, fields: {}, added: [] };
}

function cut(value: Json, longest: number): Json {
  if (typeof value === 'string') return excerpt(value, longest);
  if (Array.isArray(value)) return value.map((one: Json) => cut(one, longest));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value as EventObject).map(([name, one]) => [name, cut(one, longest)]));
}

import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { derivedEvents } from '../../src/metasmoke/derived.ts';

/** The table of derived events in `docs/events.md`, made from the catalogue. */
export function derivedPage(): string {
  const catalogue = createCatalogue();
  const models = catalogue.names.flatMap((name) => catalogue.model(name) ?? []);
  const rows = models.flatMap(({ name, derived }) =>
    derived.map(({ type, description }) => `| \`${name}#${type}\` | ${description} |`),
  );
  return ['| event | when |', '| --- | --- |', ...rows].join('\n');
}

/** Returns the table of the fields that their `object` has besides the row. */
export function derivedFieldsPage(): string {
  const rows = Object.entries(derivedEvents).flatMap(([model, { fields }]) =>
    Object.entries(fields).map(
      ([field, { type, description }]) => `| \`${model}\` | \`${field}\` | ${type} | ${description} |`,
    ),
  );
  return ['| events of | field | type | holds |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

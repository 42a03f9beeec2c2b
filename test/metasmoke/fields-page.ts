import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { fieldNote } from '../../src/metasmoke/field-notes.ts';

/** The tables of each model's fields in `docs/template-reference.md`, made from the catalogue. */
export function fieldsPage(): string {
  const catalogue = createCatalogue();
  const models = catalogue.names.flatMap((name) => catalogue.model(name) ?? []);
  const tables = models.flatMap(({ name, class: className, fields }) => {
    const rows = Object.entries(fields).map(([field, type]) => {
      const note = fieldNote(name, field);
      if (note === null) throw new Error(`${name}.${field} has no note in src/metasmoke/field-notes.ts`);
      return `| \`object.${field}\` | ${type} | ${note.says} | ${cell(JSON.stringify(note.sample))} |`;
    });
    const head = ['| field | type | meaning | for example |', '| --- | --- | --- | --- |'];
    return rows.length === 0 ? [] : [[`### \`${name}\` (${className})`, '', ...head, ...rows].join('\n')];
  });
  return tables.join('\n\n');
}

const cell = (text: string) => `\`${text.replaceAll('|', '\\|')}\``;

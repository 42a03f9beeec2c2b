import { createCatalogue } from '../../src/metasmoke/catalogue.ts';

/** The table of models and their fields in `docs/events.md`, made from the catalogue. */
export function modelsPage(): string {
  const catalogue = createCatalogue();
  const sent = catalogue.names.flatMap((name) => catalogue.model(name) ?? []).filter(({ isSent }) => isSent);
  const rows = sent.map(({ name, class: className, fields }) => {
    const names = Object.keys(fields).map((field) => `\`${field}\``);
    return `| \`${name}\` | ${className} | ${names.length === 0 ? 'not checked' : names.join(', ')} |`;
  });
  return ['| model | class | fields of `object` |', '| --- | --- | --- |', ...rows].join('\n');
}

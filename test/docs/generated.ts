import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extensions } from '../../src/command-line/extensions.ts';
import { configKeys } from '../../src/config/keys.ts';
import { jsonSchemaOf } from '../../src/config/shape.ts';
import { discordCodesPage, matrixCodesPage, statusesPage } from '../adapters/codes-page.ts';
import { readMeasurements } from '../bench/measurements.ts';
import { pageTable } from '../bench/table.ts';
import { commandsPage } from '../commands/commands-page.ts';
import { keysPage } from '../config/keys-page.ts';
import { derivedFieldsPage, derivedPage } from '../metasmoke/derived-page.ts';
import { fieldsPage } from '../metasmoke/fields-page.ts';
import { modelsPage } from '../metasmoke/models-page.ts';
import { metricsPage } from '../metrics/metrics-page.ts';
import { helpersPage } from '../render/helpers-page.ts';
import { subjectPage } from '../router/subject-page.ts';
import { millionRooms } from './million-rooms.ts';
import { pages, readPage, root } from './pages.ts';
import { expectExample, explainExample, renderExample, replayExample, tryingFiles } from './trying-page.ts';

/** A part of a page that is made from code or data; it stands between two marks. */
interface Part {
  readonly name: string;
  /** The file or folder that it is made from. */
  readonly from: string;
  readonly make: () => string;
}

const parts: readonly Part[] = [
  { name: 'models', from: 'src/metasmoke/models.ts', make: modelsPage },
  { name: 'fields', from: 'src/metasmoke/field-notes.ts', make: fieldsPage },
  { name: 'helpers', from: 'src/render/helpers/', make: helpersPage },
  { name: 'derived events', from: 'src/metasmoke/derived.ts', make: derivedPage },
  { name: 'derived fields', from: 'src/metasmoke/derived.ts', make: derivedFieldsPage },
  { name: 'commands', from: 'src/commands/table.ts', make: commandsPage },
  { name: 'subject fields', from: 'src/router/subject-model.ts', make: subjectPage },
  { name: 'metrics', from: 'src/metrics/instruments.ts', make: metricsPage },
  { name: 'keys', from: 'src/config/', make: keysPage },
  { name: 'Discord codes', from: 'src/adapters/discord/code-table.ts', make: discordCodesPage },
  { name: 'Matrix codes', from: 'src/adapters/matrix/code-table.ts', make: matrixCodesPage },
  { name: 'statuses', from: 'src/adapters/', make: statusesPage },
  { name: 'files to try', from: 'test/docs/trying/', make: tryingFiles },
  { name: 'explain', from: 'src/trial/explain-text.ts', make: explainExample },
  { name: 'expect', from: 'src/trial/expectations.ts', make: expectExample },
  { name: 'render', from: 'src/command-line/render-command.ts', make: renderExample },
  { name: 'replay', from: 'src/command-line/replay-command.ts', make: replayExample },
  {
    name: 'million rooms',
    from: 'docs/measurements.json',
    make: () => millionRooms(readMeasurements().full?.rows ?? {}),
  },
  { name: 'measurements', from: 'docs/measurements.json', make: measurements },
];

function measurements(): string {
  const { full } = readMeasurements();
  return full === undefined ? 'Not measured yet: `npm run bench -- --write`.' : pageTable(full);
}

const marked = /<!-- generated: ([^,]+), from (\S+) by `npm run pages` -->\n([\s\S]*?)<!-- end of \1 -->/g;

/** A page's text with its generated parts made anew. */
export function withGenerated(text: string): string {
  return text.replaceAll(marked, (_, name: string, from: string) => {
    const part = parts.find((one) => one.name === name && one.from === from);
    if (part === undefined) throw new Error(`nothing makes the part "${name}" from ${from}`);
    return `<!-- generated: ${name}, from ${from} by \`npm run pages\` -->\n\n${part.make()}\n\n<!-- end of ${name} -->`;
  });
}

/** A page's text without its generated parts: the text that somebody wrote there. */
export const withoutGenerated = (text: string): string => text.replaceAll(marked, '');

/** The names of the parts that pages have. */
export const partsOnPages = (): readonly string[] =>
  pages.flatMap((page) => [...readPage(page).matchAll(marked)].map(([, name = '']) => name));

/** The names of the parts that can be made. */
export const partNames: readonly string[] = parts.map(({ name }) => name);

/** The file that editors check and complete a configuration with. */
export const schemaFile = 'config.schema.json';

/** The text of that file, from the table of keys. */
export const schemaText = (): string => `${JSON.stringify(jsonSchemaOf(configKeys(extensions)), null, 2)}\n`;

/** Writes the JSON Schema of the configuration, and the generated parts of all pages. */
export function writePages(): void {
  writeFileSync(join(root, schemaFile), schemaText());
  for (const page of pages) {
    const text = readPage(page);
    const current = withGenerated(text);
    if (current !== text) writeFileSync(join(root, page), current);
  }
}

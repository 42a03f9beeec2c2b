import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { fieldNote } from '../../src/metasmoke/field-notes.ts';
import { signatures } from '../../src/render/helpers/all.ts';
import type { EventObject } from '../../src/words.ts';
import { text } from './support.ts';

/** A row of `posts` with the values of the page's tables. */
const samplePost: EventObject = Object.fromEntries(
  Object.keys(createCatalogue().model('posts')?.fields ?? {}).map((field) => [
    field,
    fieldNote('posts', field)?.sample ?? null,
  ]),
);

/** The table of helpers in `docs/template-reference.md`; each example is rendered. */
export function helpersPage(): string {
  const rows = [...signatures.values()].map(({ usage, gives, defaults = {}, example }) => {
    const source = example.startsWith('{{') ? example : `{{${example}}}`;
    const without = Object.entries(defaults).map(([argument, value]) => `${argument}: ${value}`);
    return `| ${[code(usage), gives, without.join(', '), code(source), shown(text(source, samplePost))].join(' | ')} |`;
  });
  return [
    '| helper | gives | without the argument | for example | result |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

const code = (text: string) => (text.includes('`') ? `\`\` ${escaped(text)} \`\`` : `\`${escaped(text)}\``);
const escaped = (text: string) => text.replaceAll('|', '\\|');

function shown(result: string): string {
  return result === '' ? 'empty' : result.split('\n').map(code).join('<br>');
}

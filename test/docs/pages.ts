import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that package.json is in. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** All pages that people read, by their path from the root. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

export const readPage = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The text of each fenced block in a language, without the indent of a list. */
export function blocks(text: string, language: string): readonly string[] {
  const fence = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm');
  return [...text.matchAll(fence)].map(([, indent, block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** The codes in a text (`…` in backquotes), fenced blocks left out. */
export function codes(text: string): readonly string[] {
  const outside = text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '');
  return [...outside.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** The part of a page below a heading, to the next one of its level. */
export function section(text: string, heading: string): string {
  const level = heading.split(' ')[0] ?? '';
  const from = text.indexOf(`\n${heading}\n`);
  if (from < 0) throw new Error(`there is no heading ${heading}`);
  const below = text.slice(from + heading.length + 2);
  const end = new RegExp(`^#{1,${level.length}} `, 'm').exec(below)?.index;
  return end === undefined ? below : below.slice(0, end);
}

/** The lines of a page's shell blocks, without comments and the text that is given to a command. */
export function shellLines(text: string): readonly string[] {
  return blocks(text, 'sh')
    .flatMap((block) =>
      block
        .replaceAll(/<<'END'\n[\s\S]*?\nEND/g, '')
        .replaceAll(/\\\n\s*/g, '')
        .split('\n'),
    )
    .flatMap((line) => line.replace(/\s+#.*$/, '').split(' && '))
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The commands of `lookout` that a page names, in blocks and in the text, without arguments that stand for something. */
export function lookoutCommands(text: string): readonly string[] {
  const named = [...shellLines(text), ...codes(text)].flatMap(
    (code) => /^(?:npx )?lookout ([a-z].*)$/.exec(code)?.[1] ?? [],
  );
  return named.map((command) =>
    command
      .replaceAll(/ \[?-.*$| <.*$| >.*$|…/g, '')
      .replaceAll(/ (?:s12|all)$/g, '')
      .trim(),
  );
}

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readMeasurements } from './measurements.ts';
import { readmeTable } from './table.ts';

const file = fileURLToPath(new URL('../../README.md', import.meta.url));
const begin = '<!-- measurements: made from docs/measurements.json by `npm run bench -- --readme` -->\n';
const end = '\n<!-- end of measurements -->';

/** A README's text with the table of `docs/measurements.json` between its two marks. */
export function withMeasurements(readme: string): string {
  const { full } = readMeasurements();
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end, from);
  if (from < 0 || to < 0)
    throw new Error(`README.md has lost its marks ${begin.trim()} and ${end.trim()}: put them back`);
  const table = full === undefined ? 'Not measured yet: `npm run bench -- --write`.' : readmeTable(full);
  return readme.slice(0, from + begin.length) + table + readme.slice(to);
}

export function writeReadme(): void {
  writeFileSync(file, withMeasurements(readFileSync(file, 'utf8')));
}

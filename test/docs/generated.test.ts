import { expect, it } from 'vitest';
import { partNames, partsOnPages, schemaFile, schemaText, withGenerated } from './generated.ts';
import { pages, readPage } from './pages.ts';

/** Its parts are the output of commands, which take seconds: test/e2e/trying.test.ts. */
const madeByCommands = 'docs/trying.md';

it.each(pages.filter((page) => page !== madeByCommands))(
  '%s has the current generated parts (else: npm run pages)',
  (page) => {
    const text = readPage(page);
    expect(text).toBe(withGenerated(text));
  },
);

it('config.schema.json is current (else: npm run pages)', () => {
  expect(readPage(schemaFile)).toBe(schemaText());
});

it('the example names the schema where editors look for it', () => {
  expect(readPage('config.example.yaml').split('\n')[0]).toBe(`# yaml-language-server: $schema=${schemaFile}`);
});

it('every generated part is on one page', () => {
  expect(partsOnPages().toSorted()).toEqual(partNames.toSorted());
});

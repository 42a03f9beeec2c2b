import { expect, it } from 'vitest';
import { type KnownSite, siteDoubts } from '../../src/commands/site-doubts.ts';
import { compileCondition } from '../../src/router/condition.ts';
import { modelsOf } from '../router/a-condition.ts';

const known: readonly KnownSite[] = [
  { name: 'Stack Overflow', domain: 'stackoverflow.com' },
  { name: 'Mathematics', domain: 'math.stackexchange.com' },
  { name: 'Odd', domain: null },
];

function doubtsOf(source: string, sites = known): readonly string[] {
  const compiled = compileCondition(source, modelsOf('posts'));
  if (compiled.outcome !== 'ok') throw new Error(JSON.stringify(compiled.problems));
  return siteDoubts(compiled.sites, sites).map(
    ({ offset, length, wrong, right }) => `«${source.slice(offset, offset + length)}» ${wrong}: ${right}`,
  );
}

it.each([
  ['object.site == "stackoverflow"', []],
  ['object.site in ["math", "Stack Overflow"]', []],
  ['object.title == "stackoverfow"', []],
  [
    'object.site == "stackoverfow"',
    ['«"stackoverfow"» no site stackoverfow.stackexchange.com is known: did you mean stackoverflow.com?'],
  ],
  [
    'object.site in ["math", "Mathematics"]',
    ['«"Mathematics"» no site mathematics.stackexchange.com is known: did you mean math.stackexchange.com?'],
  ],
  ['object.site == "puzzling"', []],
])('doubts a site if another may be meant: %s', (source, doubts) => {
  expect(doubtsOf(source)).toEqual(doubts);
});

it('doubts no site before the list is known', () => {
  expect(doubtsOf('object.site == "stackoverfow"', [])).toEqual([]);
});

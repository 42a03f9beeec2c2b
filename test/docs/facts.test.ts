import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cardFields, cardNames, eventFields, relatedNames, roomFields } from '../../src/render/names.ts';
import { eventFields as conditionEvent, functions, methods } from '../../src/router/condition-language.ts';
import { defaultUnless, subjectModel } from '../../src/router/subject-model.ts';
import { codes, pages, readPage, root, section } from './pages.ts';

/** Tables and lists that somebody wrote, beside the code that they describe. */

const source = (file: string) => readFileSync(join(root, file), 'utf8');
const firstCells = (text: string) =>
  [...text.matchAll(/^\| (.*?) \|/gm)].map(([, cell = '']) => cell).filter((cell) => !/^[- :]*$/.test(cell));

describe('names between marks', () => {
  const known: Readonly<Record<string, readonly string[]>> = {
    'condition event': Object.keys(conditionEvent),
    'condition functions': [...functions],
    'condition methods': [...methods.keys()],
    'template event': eventFields,
    'template room': roomFields,
    'related rows': relatedNames,
    'card rows': cardNames,
    'default unless': [defaultUnless],
  };
  const marked = pages.flatMap((page) =>
    [...readPage(page).matchAll(/<!-- names: ([\w ]+) -->([\s\S]*?)<!-- end -->/g)].map(
      ([, name = '', text = '']) => [name, codes(text)] as const,
    ),
  );

  it.each(marked)('are those of the code: %s', (name, written) => {
    expect(written.toSorted()).toEqual(known[name]?.toSorted());
  });

  it('stand on a page, all of them', () => {
    expect(marked.map(([name]) => name).toSorted()).toEqual(Object.keys(known).toSorted());
  });
});

it('the fields of `card` are those of the code', () => {
  const page = section(readPage('docs/cards-and-waves.md'), "### The card's template");
  expect(firstCells(page).slice(1).flatMap(codes).toSorted()).toEqual(cardFields.toSorted());
});

it('the fields of `subject` in examples are those of the code', () => {
  const named = pages.flatMap((page) =>
    [...readPage(page).matchAll(/\bsubject\.(\w+)/g)].map(([, field = '']) => field),
  );
  expect(named.filter((field) => !Object.hasOwn(subjectModel.fields, field))).toEqual([]);
});

describe('docs/design.md', () => {
  const page = readPage('docs/design.md');

  it('has the words of src/words.ts', () => {
    const words = [...source('src/words.ts').matchAll(/^ \* - \*\*([\w ]+)\*\*:/gm)].map(([, word]) => word);
    expect(words.length).toBeGreaterThan(10);
    const onPage = firstCells(section(page, '## The words'));
    expect(words.filter((word) => word === undefined || !onPage.includes(word))).toEqual([]);
  });

  it.each([
    ['a delivery', 'src/words.ts', /export type DeliveryState = ([^;]*);/],
    ['a send', 'src/store/tables/outbox.ts', /export type SendState = ([^;]*);/],
    ['an event', 'src/store/tables/events.ts', /export type StoredEventState = ([^;]*);/],
    ['a card', 'src/store/tables/outbox.ts', /interface CardsTable \{[\s\S]*?readonly state: ([^;]*);/],
  ])('has the states of %s', (name, file, type) => {
    const states = [...(type.exec(source(file))?.[1] ?? '').matchAll(/'(\w+)'/g)].map(([, state]) => state);
    expect(states.length).toBeGreaterThan(1);
    const diagram = section(page, `## State machine of ${name}`);
    // States within another one are not kept in the database.
    const outer = diagram.replaceAll(/state \w+ \{[\s\S]*?\n {4}\}/g, '');
    const drawn = [...outer.matchAll(/^ {4}(\S+) --> ([^\s:]+)/gm)].flatMap(([, from, to]) => [from, to]);
    expect([...new Set(drawn)].filter((state) => state !== '[*]').toSorted()).toEqual(states.toSorted());
  });

  it('has the answers of a platform', () => {
    const [, union = ''] = /export type SendResult =([\s\S]*?);\n\n/.exec(source('src/adapters/adapter.ts')) ?? [];
    const outcomes = [...union.matchAll(/outcome: '(\w+)'/g)].map(([, outcome]) => outcome);
    const table = section(page, '## Answers of a platform');
    expect(firstCells(table).slice(1).flatMap(codes).toSorted()).toEqual(outcomes.toSorted());
  });

  it('has the steps that an answer leads to', () => {
    const [, union = ''] = /export type SendStep =([\s\S]*?);\n\n/.exec(source('src/outbox/rules/transition.ts')) ?? [];
    const steps = [...union.matchAll(/kind: '(\w+)'/g)].map(([, step]) => step);
    const table = section(page, '## State machine of a send');
    expect(firstCells(table).slice(1).flatMap(codes).toSorted()).toEqual(steps.toSorted());
  });

  it('has every folder of src', () => {
    const named = codes(section(page, '## Folders')).flatMap((code) => /^src\/([\w-]+)$/.exec(code)?.[1] ?? []);
    const folders = globSync('src/*/', { cwd: root }).map((folder) => folder.replace(/^src\/|\/$/g, ''));
    expect(named.toSorted()).toEqual(folders.toSorted());
  });
});

it('every message in docs/operations.md is one of Lookout', () => {
  const program = globSync('src/**/*.{ts,js}', { cwd: root })
    .map(source)
    .join('\n')
    // Text that is put together: its parts belong together, and anything may stand in its gaps.
    .replaceAll(/['`] \+\s*['`]/g, '')
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…');
  const table = section(readPage('docs/operations.md'), '## Messages and their meaning');
  const fragments = firstCells(table)
    .flatMap(codes)
    .flatMap((message) => message.split('…'))
    .map((fragment) => fragment.replaceAll(/^[\s:.;,]+|[\s:.;,]+$/g, ''))
    .filter((fragment) => fragment.length > 2);
  expect(fragments.length).toBeGreaterThan(20);
  expect(fragments.filter((fragment) => !program.includes(fragment))).toEqual([]);
});

import { expect, it } from 'vitest';
import type { FieldType } from '../../src/catalogue/catalogue.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { fieldNote, notedFields } from '../../src/metasmoke/field-notes.ts';
import type { Json } from '../../src/words.ts';

const catalogue = createCatalogue();
const models = catalogue.names.flatMap((name) => catalogue.model(name) ?? []);

const isOf: Readonly<Record<FieldType, (value: Json) => boolean>> = {
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  string: (value) => typeof value === 'string',
  text: (value) => typeof value === 'string',
  list: Array.isArray,
  boolean: (value) => typeof value === 'boolean',
  datetime: (value) => typeof value === 'string' && new Date(value).toISOString() === value,
};

it('every field has a note, with a value of its type or null', () => {
  const wrong = models.flatMap(({ name, fields }) =>
    Object.entries(fields).flatMap(([field, type]) => {
      const note = fieldNote(name, field);
      return note !== null && (note.sample === null || isOf[type](note.sample)) ? [] : [`${name}.${field}`];
    }),
  );
  expect(wrong).toEqual([]);
});

it('every note is on a field', () => {
  const noted = [...notedFields].flatMap(([model, fields]) => fields.map((field) => ({ model, field })));
  expect(noted.length).toBeGreaterThan(100);
  expect(noted.filter(({ model, field }) => catalogue.model(model)?.fields[field] === undefined)).toEqual([]);
});

import { describe, expect, it } from 'vitest';
import { readFieldNames, readGraphqlBody, readPage } from '../../../src/metasmoke/api/read-answer.ts';

describe('a page of a list', () => {
  it('has rows with ids, and says whether there are more', () => {
    const items = [{ id: 2 }, { id: '1' }];
    expect(readPage({ items, has_more: true })).toEqual({ outcome: 'read', value: { items, hasMore: true } });
    expect(readPage({ items: [], has_more: false })).toEqual({ outcome: 'read', value: { items: [], hasMore: false } });
  });

  it.each([
    ['nothing', {}],
    ['an error', { error: 'the database is away' }],
    ['a number for the rows', { items: 5, has_more: false }],
    ['rows under names', { items: { 0: { id: 1 } }, has_more: false }],
    ['a row that is none', { items: [{ id: 1 }, null], has_more: false }],
    ['a row without an id', { items: [{ title: 'T' }], has_more: false }],
    ['a row whose id is none', { items: [{ id: {} }], has_more: false }],
    ['rows alone', { items: [{ id: 1 }] }],
    ['a text for whether there is more', { items: [{ id: 1 }], has_more: 'no' }],
    ['more, and no rows', { items: [], has_more: true }],
  ])('is not valid with %s', (_, body) => {
    expect(readPage(body).outcome).toBe('nonsense');
  });
});

it('field names all consist of a table and a column', () => {
  expect(readFieldNames({ 'posts.id': 0, 'posts.title': 1 })).toMatchObject({ value: ['posts.id', 'posts.title'] });
  for (const body of [{}, { error: 'x' }, { 'posts.id': 0, error: 'x' }])
    expect(readFieldNames(body).outcome).toBe('nonsense');
});

it('GraphQL answers with data or with errors', () => {
  expect(readGraphqlBody({ data: { posts: [] } })).toMatchObject({ value: { kind: 'data', data: { posts: [] } } });
  expect(readGraphqlBody({ data: null, errors: [{ message: 'x' }] })).toMatchObject({ value: { kind: 'errors' } });
  for (const body of [{}, { data: null }, { data: [] }, { error: 'x' }])
    expect(readGraphqlBody(body).outcome).toBe('nonsense');
});

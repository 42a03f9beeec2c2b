import { describe, expect, it } from 'vitest';
import { type Columns, postsQuery, readColumns, readPost } from '../../../src/metasmoke/api/graphql-post.ts';
import { catalogue } from '../../support/the-catalogue.ts';

const fields = (...names: readonly string[]) => ({ fields: names.map((name) => ({ name })) });
const types = { Post: fields('id', 'title'), Feedback: fields('id'), FlagLog: fields('id'), User: fields('username') };
const domain = fields('id', 'domain', 'domain_tags');
const columnsOf = (more: object) => readColumns({ ...types, ...more }, catalogue) as Columns;
const asked = { id: '1', link: null, texts: 'without', wants: new Set<never>() } as const;
const queryOf = (more: object) => postsQuery([asked], columnsOf(more));

describe('the domains of a post', () => {
  const withDomains = { Post: fields('id', 'spam_domains') };

  it('are requested with their tags, as far as GraphQL has fields for them', () => {
    expect(queryOf({ ...withDomains, SpamDomain: domain, DomainTag: fields('name') })).toContain(
      'spam_domains { domain domain_tags { name } }',
    );
    expect(queryOf({ ...withDomains, SpamDomain: fields('domain'), DomainTag: fields('name') })).toMatch(
      /spam_domains \{ domain \s*\}/,
    );
    expect(queryOf({ ...withDomains, SpamDomain: domain, DomainTag: null })).not.toContain('tags');
    expect(queryOf({ SpamDomain: domain })).not.toContain('spam_domains');
    expect(queryOf(withDomains)).not.toContain('spam_domains');
  });

  it('are read with the names of their tags; null if they are not in the answer', () => {
    const domainsOf = (list: unknown) => readPost({ id: '1', spam_domains: list }, columnsOf({})).domains;
    expect(domainsOf([{ domain: 'a.example', domain_tags: [{ name: 'pills' }, {}] }, { domain: null }])).toEqual([
      { name: 'a.example', tags: ['pills'] },
    ]);
    expect(domainsOf([{ domain: 'a.example' }])).toEqual([{ name: 'a.example', tags: [] }]);
    expect([domainsOf([]), domainsOf(undefined), domainsOf('x')]).toEqual([[], null, null]);
  });
});

it('the flags of a post are known if the answer lists them', () => {
  const knows = (flagLogs: unknown) => readPost({ id: '1', flag_logs: flagLogs }, columnsOf({})).knowsFlags;
  expect([knows([]), knows(null), knows(undefined)]).toEqual([true, false, false]);
});

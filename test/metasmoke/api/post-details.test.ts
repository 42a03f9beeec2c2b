import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AskedPost, FetchedPosts } from '../../../src/catalogue/fetched-post.ts';
import type { FetchDetails } from '../../../src/catalogue/source-api.ts';
import { directNetwork } from '../../../src/http/network.ts';
import { createMetasmokeApi, type MetasmokeApi } from '../../../src/metasmoke/api/client.ts';
import { createFetchDetails } from '../../../src/metasmoke/api/post-details.ts';
import { createCatalogue } from '../../../src/metasmoke/catalogue.ts';
import { Secret } from '../../../src/secrets/secret.ts';
import { type MetasmokeApiDouble, startMetasmokeApi } from '../../support/metasmoke-api.ts';
import { createTestClock, type TestClock } from '../../support/test-clock.ts';
import { advanceUntil } from '../../support/until.ts';

let api: MetasmokeApiDouble;
let clock: TestClock;
let client: MetasmokeApi;
let fetchDetails: FetchDetails;
let said: string[];

beforeEach(async () => {
  api = await startMetasmokeApi();
  clock = createTestClock();
  said = [];
  client = createMetasmokeApi({
    api: api.url,
    key: new Secret(api.key, 'the test'),
    network: directNetwork,
    clock,
    tries: 1,
  });
  fetchDetails = createFetchDetails({
    api: client,
    catalogue: createCatalogue(),
    needsSite: async () => true,
    onLess: (what, reason) => said.push(`${what}: ${reason}`),
    clock,
  });
  api.tables.sites.push(
    { id: 4, site_name: 'Ask Different', site_domain: 'apple.stackexchange.com', site_logo: '//cdn.sstatic.net/a.png' },
    { id: 5, site_name: 'Super User', site_url: 'https://superuser.com' },
  );
  api.tables.reasons.push({ id: 1, reason_name: 'bad word', weight: 80 }, { id: 2, reason_name: 'link', weight: 15 });
  api.tables.users.push({ id: 70, username: 'Flag Er' });
  api.tables.posts.push({
    ...{ id: 11, title: 'T', body: 'B', why: 'W', link: '//apple.stackexchange.com/q/1', site_id: 4 },
    ...{ username: 'spammer', user_reputation: 1, deleted_at: null, autoflagged: true, reason_ids: [1, 2] },
    ...{ created_at: '2026-01-02T03:00:00.000Z', updated_at: '2026-01-02T03:01:00.000Z' },
  });
  api.tables.feedbacks.push({ id: 21, post_id: 11, feedback_type: 'tpu-', user_name: 'V', created_at: null });
  api.tables.flag_logs.push({ id: 31, post_id: 11, user_id: 70, success: true, is_auto: true, is_dry_run: false });
});
afterEach(async () => {
  client.close();
  await api.stop();
});

const everything = new Set(['site', 'reasons', 'feedbacks', 'flags'] as const);
const ask = (id: number, more: Partial<AskedPost> = {}): AskedPost => ({
  ...{ id: String(id), link: '//apple.stackexchange.com/q/1', texts: 'without', wants: everything },
  ...more,
});
/** Fetches details and returns everything that was passed on. */
async function get(...asked: AskedPost[]) {
  const parts: FetchedPosts[] = [];
  let problem: string | null | undefined;
  void fetchDetails(asked, async (part) => void parts.push(part), new AbortController().signal).then(
    (result) => (problem = result),
  );
  await advanceUntil(clock, () => problem !== undefined);
  return {
    posts: parts.flatMap(({ posts }) => posts),
    sites: parts.flatMap(({ sites }) => sites),
    problem,
  };
}
const queries = () => api.seen.filter((line) => line.startsWith('POST graphql')).length;
const addPosts = (count: number, more: object = {}) => {
  for (let id = 101; id < 101 + count; id++)
    api.tables.posts.push({ id, title: `T${id}`, link: `//superuser.com/q/${id}`, site_id: 5, ...more });
  return Array.from({ length: count }, (_, at) => ask(101 + at, { link: `//superuser.com/q/${101 + at}` }));
};
const closeGraphql = () => api.always(/graphql/, { status: 403, body: '<html>log in</html>' });

describe('over GraphQL', () => {
  it('fetches everything about a post in one query, with its columns in the format of events', async () => {
    const { posts, sites, problem } = await get(ask(11));
    expect(problem).toBeNull();
    expect(queries()).toBe(2); // one for the list of fields
    expect(sites).toEqual([
      { id: 4, name: 'Ask Different', domain: 'apple.stackexchange.com', logo: '//cdn.sstatic.net/a.png' },
    ]);
    const [post] = posts;
    expect(post?.row).toMatchObject({ id: 11, title: 'T', site_id: 4, updated_at: '2026-01-02T03:01:00.000Z' });
    expect(Object.keys(post?.row ?? {})).not.toEqual(expect.arrayContaining(['body']));
    expect(post).toMatchObject({ siteId: 4, isWhole: true, deletionLogs: null });
    expect(post?.reasons).toEqual([
      { name: 'bad word', weight: 80 },
      { name: 'link', weight: 15 },
    ]);
    expect(post?.feedbacks).toEqual([expect.objectContaining({ id: 21, post_id: 11, feedback_type: 'tpu-' })]);
    expect(post?.flagLogs).toEqual([expect.objectContaining({ id: 31, post_id: 11, success: true, is_auto: true })]);
    expect(post?.flaggers).toEqual({ by: 'flag log', names: new Map([['31', 'Flag Er']]) });
  });

  it('fetches the long texts of an unknown post', async () => {
    const { posts } = await get(ask(11, { link: null, texts: 'with' }));
    expect(posts[0]?.row).toMatchObject({ body: 'B', why: 'W' });
  });

  it('leaves out posts that the API does not know, by links or by ids', async () => {
    expect((await get(ask(11), ask(12, { link: '//superuser.com/q/9' }))).posts.map(({ id }) => id)).toEqual(['11']);
    const byIds = await get(ask(11, { link: null }), ask(12, { link: null }));
    expect(byIds.posts.map(({ id }) => id)).toEqual(['11']);
    expect([byIds.problem, said]).toEqual([null, []]);
  });

  it('leaves out another report of the same link', async () => {
    api.tables.posts.push({ id: 12, title: 'again', link: '//apple.stackexchange.com/q/1', site_id: 4 });
    expect((await get(ask(11))).posts.map(({ id }) => id)).toEqual(['11']);
  });

  it('requests fewer at once if a query costs too much', async () => {
    const asked = addPosts(20);
    api.tables.posts.push({ id: 999, title: 'x' });
    expect((await get(...asked)).posts).toHaveLength(20);
    expect(said).toEqual([]);
    expect(queries()).toBeLessThanOrEqual(5);
  });

  it('does not request by an invalid link', async () => {
    const { posts } = await get(ask(11, { link: '//evil.example/"]) { id }' }));
    expect(posts.map(({ id }) => id)).toEqual(['11']);
  });
});

describe('over REST, if GraphQL refuses', () => {
  it('fetches the same, and reports it once', async () => {
    const open = closeGraphql();
    const { posts, sites, problem } = await get(ask(11));
    expect(problem).toBeNull();
    expect(said).toEqual(['graphql: the API answered 403, which is not JSON']);
    expect(sites.map(({ name, domain }) => [name, domain])).toEqual([
      ['Ask Different', 'apple.stackexchange.com'],
      ['Super User', 'superuser.com'],
    ]);
    const [post] = posts;
    expect(post?.row).toMatchObject({ id: 11, title: 'T', site_id: 4, deleted_at: null, autoflagged: true });
    expect(post?.reasons?.map(({ weight }) => weight)).toEqual([15, 80]);
    expect(post?.feedbacks).toMatchObject([{ id: 21, post_id: 11 }]);
    expect(post?.flaggers).toEqual({ by: 'user', names: new Map([['70', 'Flag Er']]) });
    expect(api.seen.filter((line) => line.includes('deletions'))).toEqual([]);

    // All sites are fetched once a day, and GraphQL is not tried for ten minutes.
    await get(ask(11), ask(12));
    expect(api.seen.filter((line) => line.includes('sites'))).toHaveLength(1);
    expect([queries(), said.length]).toEqual([1, 1]);
    await clock.advance(10 * 60_000);
    open();
    await get(ask(11));
    expect(queries()).toBe(3);
  });

  it('requests deletion logs if a post does not say whether it is deleted', async () => {
    closeGraphql();
    api.always(/filter_fields/, { status: 401, body: '<html>log in</html>' });
    api.tables.deletion_logs.push({ id: 41, post_id: 11, is_deleted: true });
    const { posts } = await get(ask(11), ask(11));
    expect(posts[0]?.deletionLogs).toMatchObject([{ id: 41, is_deleted: true }]);
    expect(said).toEqual([
      'graphql: the API answered 403, which is not JSON',
      'fields: the API answered 401, which is not JSON',
    ]);
    expect(api.seen.filter((line) => line.includes('filter_fields'))).toHaveLength(1);
  });

  it('requests only what is wanted, and reports a part that is missing', async () => {
    closeGraphql();
    api.always(/reasons/, { status: 500, body: '<html>' });
    const { posts } = await get(ask(11, { wants: new Set(['reasons']) }));
    expect(posts[0]).toMatchObject({ reasons: null, isWhole: false, feedbacks: null });
    expect(api.seen.filter((line) => /feedbacks|flags|sites/.test(line))).toEqual([]);
  });
});

describe('the answer of an API', () => {
  it.each([
    ['nothing that is JSON', '<!DOCTYPE html>'],
    ['a list', [1, 2]],
    ['no data', {}],
    [
      'posts that are none',
      { data: { posts: [null, 1, { id: {} }, { id: '11', site: [], reasons: 'x', flag_logs: [null] }] } },
    ],
    ['fields that are none', { data: { Post: { fields: { name: 'id' } } } }],
    ['rows of other shapes', { items: [null, 'x', { id: '11', site_id: 'x' }], has_more: 'yes' }],
    ['one page for ever', { items: [], has_more: true }],
    ['rows for ever', { items: [{ id: 11, post_id: 11 }], has_more: true }],
  ])('may be %s: nothing is thrown, and it ends', async (_, body) => {
    api.always(/./, { status: 200, body });
    const { posts } = await get(ask(11));
    expect(posts.every(({ id }) => id === '11')).toBe(true);
  });

  it.each([
    ['an error', { error: 'the database is away' }],
    ['nothing', {}],
    ['a number for rows', { items: 5, has_more: false }],
    ['no rows, though there is more', { items: [], has_more: true }],
    ['GraphQL without posts', { data: {} }],
    ['GraphQL with posts that are none', { data: { posts: [null] } }],
  ])('may be %s: that never means that the API does not know the post', async (_, body) => {
    api.always(/v2.0|graphql/, { status: 200, body });
    const { posts, problem } = await get(ask(11));
    expect(posts).toEqual([]);
    expect(problem).toContain('the API answered 200');
  });

  it.each([
    ['an error', { error: 'x' }],
    ['rows of another post', { items: [{ id: 21, post_id: 12 }], has_more: false }],
    ['rows without their post', { items: [{ id: 21 }], has_more: false }],
    ['rows for ever', { items: [{ id: 21, post_id: 11 }], has_more: true }],
  ])(
    'may be %s for the feedbacks of a post: then none are passed on, which does not mean that there are none',
    async (_, body) => {
      closeGraphql();
      api.always(/feedbacks/, { status: 200, body });
      const { posts, problem } = await get(ask(11));
      expect(problem).toBeNull();
      expect(posts).toMatchObject([{ id: '11', feedbacks: null }]);
    },
  );

  it('may contain invalid feedbacks in GraphQL: then none are passed on, and the post is not complete', async () => {
    await get(ask(11));
    api.always(/graphql/, { status: 200, body: { data: { posts: [{ id: '11', feedbacks: [null], flag_logs: [] }] } } });
    expect((await get(ask(11))).posts).toMatchObject([{ feedbacks: null, flagLogs: [], isWhole: false }]);
  });

  it('may be unusable about its fields and sites, which are requested again the next time', async () => {
    closeGraphql();
    const better = [/filter_fields/, /sites/].map((match) => api.always(match, { status: 200, body: { error: 'x' } }));
    expect((await get(ask(11))).sites).toEqual([]);
    expect(said).toContain('fields: the API answered 200: x');
    for (const end of better) end();
    await clock.advance(11 * 60_000);
    closeGraphql();
    const { posts, sites } = await get(ask(11));
    expect(sites).toHaveLength(2);
    expect(posts[0]?.row).toHaveProperty('deleted_at');
  });

  it('may be an error for a filter from an outdated list of fields, which is fetched again', async () => {
    closeGraphql();
    await get(ask(11));
    const end = api.always(/posts\/11\?/, { status: 500, body: '<html>unknown column' });
    expect((await get(ask(11))).problem).toContain('500');
    end();
    expect((await get(ask(11))).problem).toBeNull();
    expect(api.seen.filter((line) => line.includes('filter_fields'))).toHaveLength(2);
  });

  it('is not read to its end if it is very long', async () => {
    api.always(/./, { status: 200, body: 'x'.repeat(100 * 1024 * 1024) });
    const { posts, problem } = await get(ask(11));
    expect(posts).toEqual([]);
    expect(problem).toContain('larger than 33554432 bytes');
    expect(said).toEqual([]);
  });

  it.each([
    ['no answer in time', { hangs: true }],
    ['a lost connection', { lost: 'before' }],
    ['503', { status: 503, body: '<html>' }],
  ] as const)(
    'may be %s over GraphQL while REST answers: then GraphQL is not reported as closed, and tried again after a minute',
    async (_, answer) => {
      const back = api.always(/graphql/, answer);
      const { posts, problem } = await get(ask(11));
      expect([posts.length, problem, said]).toEqual([1, null, []]);
      back();
      const before = queries();
      await get(ask(11));
      expect(queries()).toBe(before);
      await clock.advance(60_000);
      await get(ask(11));
      expect(queries()).toBeGreaterThan(before);
      expect(said).toEqual([]);
    },
  );

  it('may be missing about its fields alone: then nothing is fetched with fewer of them', async () => {
    closeGraphql();
    const back = api.always(/filter_fields/, { lost: 'before' });
    const { posts, problem } = await get(ask(11));
    expect([posts, said]).toEqual([[], []]);
    expect(problem).not.toBeNull();
    back();
    expect((await get(ask(11))).posts[0]?.row).toHaveProperty('deleted_at');
    expect(said).toEqual([expect.stringContaining('graphql')]);
  });

  it('may be missing: then GraphQL is not reported as closed', async () => {
    await api.stop();
    const { problem } = await get(ask(11));
    expect(problem).toContain('ECONNREFUSED');
    expect(said).toEqual([]);
  });
});

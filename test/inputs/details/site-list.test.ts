import { expect, it, onTestFinished } from 'vitest';
import type { FetchedSite } from '../../../src/catalogue/fetched-post.ts';
import type { SiteName } from '../../../src/ingest/details/known-names.ts';
import { SiteList } from '../../../src/inputs/details/site-list.ts';
import { openStore } from '../../../src/store/open-store.ts';
import { createTestClock } from '../../support/test-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const site: FetchedSite = { id: 1, name: 'Mathematics', domain: 'math.stackexchange.com', logo: null };

it('is due two minutes after the start, then once a day, and soon again after a failure', async () => {
  const { db, close } = await openStore(':memory:');
  onTestFinished(close);
  const clock = createTestClock();
  const noted: SiteName[] = [];
  let answer: readonly FetchedSite[] | null = [site];
  const list = new SiteList({
    ...{ db, clock },
    reader: { fetchSites: async () => answer },
    names: { noteSite: (one) => void noted.push(one) },
  });
  expect(list.dueInMs).toBe(2 * minute);
  await clock.advance(2 * minute);
  const { signal } = new AbortController();
  await list.fetch(signal);
  expect(list.dueInMs).toBe(24 * hour);
  expect(noted).toEqual([site]);
  answer = null;
  await list.fetch(signal);
  expect(list.dueInMs).toBeLessThanOrEqual(10 * minute);
  await list.fetch(signal);
  expect(list.dueInMs).toBeGreaterThan(10 * minute);
  expect(await db.selectFrom('sites').select(['id', 'domain']).execute()).toEqual([{ id: 1, domain: site.domain }]);
});

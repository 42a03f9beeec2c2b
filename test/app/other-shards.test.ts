import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createLifecycle, type Lifecycle } from '../../src/app/lifecycle.ts';
import { createOtherShards } from '../../src/app/other-shards.ts';
import type { Share } from '../../src/app/share.ts';
import type { Note } from '../../src/app/signals.ts';
import { silentLog } from '../../src/log.ts';
import { loadHeard, storeHeard } from '../../src/outbox/rows/heard.ts';
import { openStore, type Store } from '../../src/store/open-store.ts';
import type { Json } from '../../src/words.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';
import { until } from '../support/until.ts';

describe('the messages of shards in units of their own', () => {
  let store: Store;
  let clock: TestClock;
  let lifecycle: Lifecycle;
  const heard: Json[] = [];
  const notes: ((note: Note) => void)[] = [];

  beforeEach(async () => {
    store = await openStore(':memory:');
    clock = createTestClock();
    lifecycle = createLifecycle({ clock, log: silentLog });
    heard.length = 0;
    notes.length = 0;
  });
  afterEach(async () => {
    await lifecycle.stop(0);
    await store.close();
  });

  const shards = () =>
    createOtherShards(
      {
        ...{ account: 'discord', share: { shards: { want: vi.fn() } } as unknown as Share, db: store.db, clock },
        ...{ log: silentLog, onNote: (listener) => void notes.push(listener) },
      },
      lifecycle,
    );
  const ring = () => {
    for (const note of notes) note({ heard: ['discord'] } as Note);
  };
  const add = (content: Json) => storeHeard(store.db, 'discord', { content, at: clock.now() });
  const waiting = async () => (await loadHeard(store.db, 'discord')).map(({ content }) => content);

  it('are told once, and deleted', async () => {
    const others = shards();
    others.listen((content) => void heard.push(content));
    await add('a');
    ring();
    await add('b');
    ring();
    await until(async () => heard.length === 2 && (await waiting()).length === 0);
    expect(heard).toEqual(['a', 'b']);
  });

  it('wait for the next listener if it goes away in the middle of them', async () => {
    for (const content of ['a', 'b', 'c']) await add(content);
    const others = shards();
    others.listen((content) => {
      heard.push(content);
      if (content === 'a') others.listen(null);
    });
    await until(async () => (await waiting()).length === 2);
    expect([heard, await waiting()]).toEqual([['a'], ['b', 'c']]);
    others.listen((content) => void heard.push(content));
    await until(() => heard.length === 3);
    expect(heard).toEqual(['a', 'b', 'c']);
  });
});

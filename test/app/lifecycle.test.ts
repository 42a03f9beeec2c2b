import { beforeEach, describe, expect, it } from 'vitest';
import { createLifecycle, type Lifecycle } from '../../src/app/lifecycle.ts';
import type { Log } from '../../src/log.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';

describe('the lifecycle', () => {
  let clock: TestClock;
  let lifecycle: Lifecycle;
  let ended: string[];
  let said: string[];

  beforeEach(() => {
    clock = createTestClock();
    ended = [];
    said = [];
    const at = (level: string) => (_: object, text: string) => void said.push(`${level} ${text}`);
    const log: Log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    lifecycle = createLifecycle({ clock, log });
  });
  const stopAs = (name: string) => lifecycle.onStop(name, () => ended.push(name));

  it('stops the parts in reverse order of their start', async () => {
    for (const name of ['the store', 'the outbox', 'the source']) stopAs(name);
    await lifecycle.stop(1_000);
    expect(ended).toEqual(['the source', 'the outbox', 'the store']);
  });

  it('lets draining parts finish together, and stops the rest afterwards', async () => {
    const { promise: isFetched, resolve: fetched } = Promise.withResolvers<void>();
    stopAs('the store');
    lifecycle.onDrain('the pipeline', () => isFetched.then(() => ended.push('the pipeline')));
    lifecycle.onDrain('the gaps', async () => {
      ended.push('the gaps');
      fetched();
    });
    await lifecycle.stop(1_000);
    expect(ended).toEqual(['the gaps', 'the pipeline', 'the store']);
    expect(said).toEqual([]);
  });

  it('tells draining parts that the grace period is over, and names those that hang', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    lifecycle.onDrain('the outbox', (now) => {
      now.addEventListener('abort', () => ended.push('aborted'));
      return promise;
    });
    const stopped = lifecycle.stop(1_000);
    await clock.advance(999);
    expect(ended).toEqual([]);
    await clock.advance(1);
    expect(ended).toEqual(['aborted']);
    expect(said).toEqual([]);
    await clock.advance(300);
    expect(said).toEqual(['warn still waiting for the outbox to stop']);
    resolve();
    await stopped;
    expect(lifecycle.hurry.aborted).toBe(true);
  });

  it('continues when a part cannot be stopped', async () => {
    stopAs('the store');
    lifecycle.onStop('the metrics', () => {
      throw new Error('no');
    });
    await lifecycle.stop(0);
    expect(ended).toEqual(['the store']);
    expect(said).toEqual(['error the metrics could not be stopped cleanly; the rest is stopped']);
  });
});

import { describe, expect, it } from 'vitest';
import { watchQuiet } from '../../../src/inputs/source/quiet-watch.ts';
import { silentLog } from '../../../src/log.ts';
import { createTestClock } from '../../support/test-clock.ts';

const start = () => {
  const clock = createTestClock();
  const said: string[] = [];
  const note = (_fields: unknown, text: string) => void said.push(text);
  const watch = watchQuiet({
    name: 'metasmoke',
    quietAfterMs: () => 15 * 60_000,
    clock,
    log: { ...silentLog, warn: note, info: note },
  });
  return { clock, said, watch };
};

describe('a source without events', () => {
  it('is reported as quiet once, after the configured time', async () => {
    const { clock, said } = start();
    await clock.advance(14 * 60_000);
    expect(said).toEqual([]);
    await clock.advance(600 * 60_000);
    expect(said).toEqual([expect.stringContaining('No event from metasmoke for 15 min')]);
  });

  it('is not quiet while events arrive', async () => {
    const { clock, said, watch } = start();
    for (let n = 0; n < 10; n++) {
      await clock.advance(10 * 60_000);
      watch.heard();
    }
    expect(said).toEqual([]);
  });

  it('is reported when events arrive again, and watched again', async () => {
    const { clock, said, watch } = start();
    await clock.advance(15 * 60_000);
    watch.heard();
    await clock.advance(15 * 60_000);
    expect(said).toHaveLength(3);
    expect(said[1]).toBe('Events from metasmoke are arriving again');
  });

  it('is noticed in time when the clock is set back by a day', async () => {
    const { clock, said } = start();
    await clock.advance(60_000);
    clock.set(-86_400_000);
    await clock.advance(14 * 60_000);
    expect(said).toEqual([expect.stringContaining('No event from metasmoke for 15 min')]);
  });

  it('is reported to the caller again and again while it stays quiet, and watched again afterwards', async () => {
    const clock = createTestClock();
    const since: number[] = [];
    const began = clock.now();
    const watch = watchQuiet({
      name: 'metasmoke',
      quietAfterMs: () => 60_000,
      onQuiet: (from) => since.push(from),
      clock,
      log: silentLog,
    });
    await clock.advance(3 * 60_000);
    expect(since).toEqual([began, began, began]);
    watch.heard();
    await clock.advance(59_000);
    expect(since).toHaveLength(3);
    expect(clock.pending).toBe(1);
    watch.stop();
  });

  it('leaves no timer behind', () => {
    const { clock, watch } = start();
    watch.stop();
    expect(clock.pending).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/test-app.ts';
import { createTestClock } from '../support/test-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const year = 8_760 * hour;
const config = `rooms:
  hq: { to: "matrix:!hq:a.org", timezone: UTC }
subscriptions:
  - { events: posts#create, rooms: hq, hold: 10m }
`;
const settings = [hour, -hour, year, -year];

const shown = (app: TestApp) => app.platform.shown('!hq:a.org');
const post = (id: number) => ({
  event_type: 'create',
  event_class: 'Post',
  object: { id, title: `Post ${id}`, created_at: '2026-01-02T03:04:05.000Z', updated_at: '2026-01-02T03:04:05.000Z' },
});

describe('what waits ten minutes', () => {
  it.each(settings)('waits ten minutes if the wall clock is set by %i ms meanwhile', async (setMs) => {
    const app = await createTestApp({ config, store: 'file' });
    await app.hear(post(1));
    await app.listen(5 * minute);
    app.clock.set(setMs);
    await app.listen(5 * minute - 3_000);
    expect(shown(app)).toEqual([]);
    await app.listen(6_000);
    expect(shown(app)).toHaveLength(1);
  });

  it.each(settings)('waits ten minutes over a crash, if the wall clock is set by %i ms meanwhile', async (setMs) => {
    const app = await createTestApp({ config, store: 'file' });
    await app.hear(post(1));
    await app.listen(5 * minute);
    await app.kill();
    app.clock.skip(2 * minute);
    app.clock.set(setMs);
    await app.start();
    await app.listen(3 * minute - 3_000);
    expect(shown(app)).toEqual([]);
    await app.listen(6_000);
    expect(shown(app)).toHaveLength(1);
  });

  it.each([-hour, -year])(
    'waits no longer than ten minutes if the machine is started again with a wall clock that is set by %i ms',
    async (setMs) => {
      const app = await createTestApp({ config, store: 'file' });
      await app.hear(post(1));
      await app.listen(5 * minute);
      await app.kill();
      app.clock.skip(minute);
      app.clock.reboot();
      app.clock.set(setMs);
      await app.start();
      await app.listen(10 * minute + 3_000);
      expect(shown(app)).toHaveLength(1);
    },
  );

  it('waits ten minutes on a machine that learns the time only then', async () => {
    const clock = createTestClock(60_000);
    const app = await createTestApp({ config, store: 'file', clock });
    await app.hear(post(1));
    await app.listen(minute);
    clock.set(Date.UTC(2026, 6, 1));
    await app.listen(9 * minute - 3_000);
    expect(shown(app)).toEqual([]);
    await app.listen(6_000);
    expect(shown(app)).toHaveLength(1);
  });
});

import { expect, it } from 'vitest';
import { createTestApp } from '../support/test-app.ts';
import { until } from '../support/until.ts';

const config = (lost: string) =>
  `rooms: { hq: "matrix:!hq:a.org" }\nsubscriptions: [{ events: posts#create, rooms: hq }]\nderived: { lost_after: ${lost} }\n`;

it('takes over a change of the file that came while Lookout started', async () => {
  const app = await createTestApp({ config: config('2m'), reloads: true, changedAfterReading: config('3m') });
  await until(async () => {
    await app.clock.advance(1_000);
    return app.parts.base.config().derived.lostAfterMs === 180_000;
  });
  expect(app.said).toContain('info configuration reloaded (a changed file): 1 change');
});

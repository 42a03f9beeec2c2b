import { expect, it, onTestFinished } from 'vitest';
import { createTestApp } from '../support/test-app.ts';

it('a front finds a room of any platform by its name and by its address', async () => {
  const app = await createTestApp({
    config: [
      'rooms: { smoke: "matrix:!here:a.org" }',
      'subscriptions: [{ events: posts#create, rooms: [smoke, "matrix:!other:a.org"] }]',
    ].join('\n'),
  });
  onTestFinished(() => app.stop());
  const named = (word: string) => app.platform.listener?.namedRoom(word);
  const here = { platform: 'matrix', room: '!here:a.org' };
  expect([named('smoke'), named('matrix:!here:a.org')]).toEqual([here, here]);
  expect(named('matrix:!other:a.org')).toEqual({ platform: 'matrix', room: '!other:a.org' });
  expect(named('SMOKE')).toEqual(here);
  expect(named('matrix:!HERE:a.org')).toBeNull();
  expect(app.platform.listener?.roomNames).toContain('smoke');
  expect(named('status')).toBeNull();
});

it.each([
  ['', [true, false]],
  ['greet: off\n', [false, false]],
])(
  'a room that invites the bot is greeted once, unless the configuration says otherwise: %j',
  async (line, greeted) => {
    const app = await createTestApp({
      config: `${line}subscriptions: [{ events: posts#create, rooms: "matrix:!here:a.org" }]`,
    });
    onTestFinished(() => app.stop());
    const greet = async () => (await app.platform.listener?.greet('!new:a.org')) !== null;
    expect([await greet(), await greet()]).toEqual(greeted);
  },
);

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createCommandsRig } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';

const room = 'matrix:!a:a.org';
const minute = 60_000;

/** Actions of people and time on a room. */
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('deliver' as const), model: fc.constantFrom('posts', 'feedbacks') }),
  },
  fc.record({
    do: fc.constant('mute' as const),
    events: fc.constantFrom(
      '',
      'posts',
      'posts --where "object.id > 5"',
      'feedbacks',
      '--except posts',
      'posts --except posts',
    ),
    minutes: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ do: fc.constant('unmute' as const), which: fc.constantFrom('all', 'm1', 'm2', 'm3') }),
  fc.record({ do: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 4 }) }),
);

// Each of the 60 runs passes half an hour: on a busy machine that takes longer than other tests may.
it('whatever mutes overlap, each event is sent, or listed in one notice', { timeout: 90_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const rig = await createCommandsRig();
      const { clock } = rig.outbox;
      let id = 0;
      const say = (text: string) =>
        rig.commands.run({
          key: null,
          platform: 'matrix',
          room: '!a:a.org',
          direct: false,
          asker: { id: `@owner${id++}:a.org`, roles: [], manages: true, power: 100 },
          said: { kind: 'line', text },
          answered: 'counted',
          about: null,
        });
      let delivered = 0;
      for (const each of steps) {
        if (each.do === 'deliver')
          await rig.outbox.deliver(anEvent({ model: each.model, id: ++delivered, object: { id: delivered } }), [room]);
        else if (each.do === 'mute') await say(`mute ${each.events} --time "for ${each.minutes}m"`);
        else if (each.do === 'unmute') await say(`unmute ${each.which}`);
        else await clock.advance(each.minutes * minute);
      }
      await clock.advance(30 * minute);
      const shown = rig.outbox.shown('!a:a.org');
      const sent = shown.filter((text) => /^(?:posts|feedbacks)#/.test(text));
      const told = shown
        .flatMap((text) => /Held back: (\d+) events?/.exec(text)?.[1] ?? [])
        .reduce((sum, count) => sum + Number(count), 0);
      await rig.stop();
      expect(sent.length + told).toBe(delivered);
    }),
    { numRuns: 60 },
  );
});

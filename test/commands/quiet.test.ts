import { afterEach, describe, expect, it } from 'vitest';
import { toPlain } from '../../src/adapters/matrix/format/plain.ts';
import { listAudit } from '../../src/commands/audit.ts';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';

const room = 'matrix:!a:a.org';
const hourMs = 3_600_000;

// The rig's clock starts on Friday, 2 January 2026, 03:04:05 UTC.
describe('quiet hours made by a command', () => {
  let rig: CommandsRig;

  afterEach(() => rig.stop());

  const here = { platform: 'matrix', room: '!a:a.org', direct: false } as const;
  const shown = () => rig.outbox.shown('!a:a.org').map((text) => text.replaceAll('`', ''));
  async function say(text: string): Promise<string> {
    const answer = await rig.commands.run({
      ...{ key: null, ...here, answered: 'free', about: null, said: { kind: 'line', text } },
      asker: { id: '@owner:a.org', roles: [], manages: true, power: 100 },
    });
    return toPlain(answer!.message.body).replaceAll('`', '');
  }
  const later = (ms: number) => rig.outbox.clock.advance(ms);
  const deliver = (id: number, model = 'posts') => rig.outbox.deliver(anEvent({ id, model }), [room]);

  it('begin at once if it is in them, hold what they name, and are there after a restart', async () => {
    rig = await createCommandsRig();
    expect(await say('quiet 02:00-07:00 fri --events posts;flag_logs --except flag_logs#create')).toMatch(
      /^Quiet hours: 02:00-07:00 fri UTC: flag_logs#create,update;posts#create,update except flag_logs#create\. They hold now, until 2026-01-02 07:00 UTC\. unquiet q1 ends them\./,
    );
    await later(6_000);
    await deliver(1);
    await rig.kill();
    rig = await createCommandsRig({ store: rig.outbox.store, clock: rig.outbox.clock });
    await deliver(2);
    await deliver(3, 'feedbacks');
    expect(shown()).toEqual(['feedbacks#create 3']);
    await later(4 * hourMs);
    expect(shown().at(-1)).toMatch(/^Quiet hours are over: .*Held back: 2 events about 2 posts\./);
  });

  it('are listed with those of the configuration, and only they are ended, at once', async () => {
    rig = await createCommandsRig({ quiet: 'quiet: { at: 12:00-13:00, days: mon-fri }' });
    await say('quiet 02:00-07:00 --timezone Europe/London');
    await later(6_000);
    await deliver(1);
    expect(shown()).toEqual([]);
    const listed = await say('subscriptions');
    expect(listed).toContain('12:00-13:00 mon-fri UTC: the whole room, in the configuration');
    expect(listed).toContain('q1 02:00-07:00 every day Europe/London: the whole room, by @owner:a.org');
    expect(await say('unquiet')).toBe(
      'No longer quiet: 02:00-07:00 every day Europe/London: the whole room.\nTo have it again: quiet 02:00-07:00 --timezone Europe/London',
    );
    await later(6_000);
    expect(shown()).toEqual([expect.stringContaining('Held back: 1 event about 1 post.')]);
    expect(await say('unquiet')).toContain('The quiet hours of this room are in the configuration');
    const audit = await listAudit(rig.outbox.store.db, 10, null);
    expect(audit.map(({ what }) => what)).toEqual([
      'made quiet hours 02:00-07:00 mon-sun of the whole room',
      'ended quiet hours q1',
    ]);
  });

  it('begin again if they are ended and made again while it is time for them, but not after unmute', async () => {
    rig = await createCommandsRig();
    for (const text of ['quiet 02:00-07:00', 'unquiet', 'quiet 02:00-07:00']) {
      await say(text);
      await later(6_000);
    }
    await deliver(1);
    expect(await rig.outbox.deliveries()).toEqual(['muted']);
    await say('unmute');
    await later(6_000);
    await deliver(2);
    expect(shown().at(-1)).toBe('posts#create 2');
  });

  it('are named if there are several', async () => {
    rig = await createCommandsRig();
    expect(await say('unquiet')).toBe('This room has no quiet hours.');
    await say('quiet 22:00-07:00');
    await say('quiet 12:00-13:00 sat, sun');
    expect(await say('quiet 22:00-07:00')).toBe(
      'This room has those quiet hours already: q1 22:00-07:00 every day UTC: the whole room, by @owner:a.org. Nothing was changed.',
    );
    expect(await say('unquiet')).toMatch(
      /^There are several, name one, or all:\n.*q1 [\s\S]*q2 12:00-13:00 sat,sun UTC/,
    );
    expect(await say('unquiet q7')).toContain('There are no quiet hours q7. There are:');
    expect(
      await rig.commands.complete({ ...here, command: 'unquiet', option: 'quiet', typed: 'q2', given: {} }),
    ).toEqual([{ name: 'q2: 12:00-13:00 sat,sun, the whole room', value: 'q2' }]);
    expect(await say('unquiet q2')).toMatch(/\nTo have it again: quiet 12:00-13:00 sat,sun$/);
    expect(await say('subscriptions')).not.toContain('q2');
  });

  it('say what is wrong in them, and where', async () => {
    rig = await createCommandsRig();
    expect(await say('quiet 22-7')).toContain('"22-7" is not a stretch of a day: write two times of a day');
    for (const between of [',', ', ', ' '])
      expect(await say(`quiet 7:00-9:00${between}12:00-13:00`)).toBe(
        'One stretch for each command: quiet 7:00-9:00, then quiet 12:00-13:00.',
      );
    expect(await say('quiet 22:00-07:00 --events posts --except posts')).toContain('Nothing would be muted');
    expect(await say('quiet 22:00-07:00 mon, tusday')).toMatch(
      /"tusday" is not a weekday: did you mean tuesday\?\s+mon, tusday\n {5}\^{6}/,
    );
    expect(await say('quiet 22:00-07:00 --timezone berlin')).toContain('did you mean Europe/Berlin?');
    expect(await say('quiet 22:00-07:00 --events psts')).toContain('There are no events "psts": did you mean posts?');
    expect(await say('quiet')).toContain('<hours> is missing');
    expect(await rig.outbox.store.db.selectFrom('quiet_hours').selectAll().execute()).toEqual([]);
  });

  it('are not more than a room may have', async () => {
    rig = await createCommandsRig();
    const { db } = rig.outbox.store;
    const row = {
      room_id: rig.outbox.directory.roomId(room)!,
      days: 'mon',
      timezone: null,
      author: 'x',
      created_at: 0,
    };
    const rows = Array.from({ length: 20 }, (_, n) => ({ ...row, hours: `0${n % 10}:00-1${n % 10}:${n + 10}` }));
    await db
      .insertInto('quiet_hours')
      .values(rows.map((one) => ({ ...one, events: null, except: null })))
      .execute();
    await rig.kill();
    rig = await createCommandsRig({ store: rig.outbox.store, clock: rig.outbox.clock });
    expect(await say('quiet 22:00-07:00')).toBe('This room has 20 quiet hours already: end some with unquiet.');
  });
});

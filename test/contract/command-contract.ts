import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listAudit } from '../../src/commands/audit.ts';
import { type CommandsRig, createCommandsRig, type HeardCommands } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';

/** A way for people to give commands. */
export interface CommandFront {
  /** The address of its room. */
  readonly room: string;
  /** True if it distinguishes people who may change the room from those who may not. */
  readonly tellsApart: boolean;
  /** The command that ends mute 2, as it is typed there. */
  readonly unmute: string;
  /** Its person who may change the room, as an answer shows them. */
  readonly owner: string | RegExp;
  /** Gives a command as a person who may change the room, or as a reader; returns the text of the answer. */
  ask(who: 'owner' | 'reader', command: string, options: Readonly<Record<string, string>>): Promise<string>;
  stop(): Promise<void>;
}

/** Each command once, in an order in which they build on one another, with the text of the answer. */
const asked: readonly (readonly [command: string, options: Readonly<Record<string, string>>, says: RegExp])[] = [
  [
    'subscribe',
    { events: 'flag_logs#create', where: 'object.success && object.flag_type == "spam"' },
    /now receives flag_logs#create where object\.success && object\.flag_type == "spam"/,
  ],
  ['subscriptions', {}, /flag_logs#create where object\.success.*\n?.*by /],
  ['unsubscribe', { subscription: 'flag_logs#create' }, /no longer receives flag_logs#create where /],
  [
    'mute',
    { events: 'feedbacks', time: 'for 90m', reason: 'a known wave' },
    /Muted feedbacks#create,update until .*a known wave/,
  ],
  ['status', {}, /1\.2\.3/],
  ['show', { post: 'post:1' }, /post:1.*No body is stored/s],
  ['why', { message: 'post:1' }, /Sent because.* asks for posts#create\W.*report: sent.*Ids: post:1/s],
  ['unmute', { mute: 'm1' }, /No longer muted: feedbacks#create,update/],
  [
    'quiet',
    { hours: '22:00-23:00', days: 'sat, sun', except: 'posts#create' },
    /Quiet hours: 22:00-23:00 sat,sun UTC: the whole room except posts#create/,
  ],
  ['unquiet', { quiet: 'q1' }, /No longer quiet: 22:00-23:00 sat,sun UTC/],
  ['preview', { template: 'post' }, /./],
  ['help', { command: 'mute' }, /mute \[events\]/],
];

/** Tests what every front must do, on any chat. `start` receives the function that runs commands. */
export function itKeepsTheCommandContract(
  name: string,
  start: (commands: Pick<HeardCommands, 'run' | 'complete'>) => Promise<CommandFront>,
): void {
  describe(`commands through ${name}`, () => {
    let front: CommandFront;
    let rig: CommandsRig;

    beforeAll(async () => {
      front = await start({
        run: (invocation) => rig.commands.run(invocation),
        complete: (completion) => rig.commands.complete(completion),
      });
      rig = await createCommandsRig({ room: front.room });
      await rig.outbox.deliver(anEvent({ id: 1 }), [front.room]);
    });
    // A person may give at most ten commands in half a minute.
    beforeEach(() => rig.outbox.clock.advance(31_000));
    afterAll(async () => {
      await front.stop();
      await rig.stop();
    });

    const changes = async () => (await listAudit(rig.outbox.store.db, 100, null)).map(({ command }) => command);

    it('are all used here', () => {
      expect(new Set(asked.map(([command]) => command))).toEqual(new Set(rig.commands.table.map((each) => each.name)));
    });

    it.each(asked)('run: %s', async (command, options, says) => {
      const before = (await changes()).length;
      expect(await front.ask('owner', command, options)).toMatch(says);
      const changing = rig.commands.table.find((each) => each.name === command)?.who === 'changers';
      expect((await changes()).length - before).toBe(changing ? 1 : 0);
    });

    it.each(asked)('for a person who may not change the room: %s', async (command, options) => {
      if (!front.tellsApart) return;
      const before = await changes();
      // Answers to them are limited.
      await rig.outbox.clock.advance(60_000);
      const answer = await front.ask('reader', command, options);
      const changing = rig.commands.table.find((each) => each.name === command)?.who === 'changers';
      if (changing) expect(answer).toContain('you may not');
      else expect(answer).not.toContain('you may not');
      expect(await changes()).toEqual(before);
    });

    it('name the error and its correction', async () => {
      expect(await front.ask('owner', 'subscribe', { events: 'psots' })).toMatch(
        /There are no events "psots": did you mean posts/,
      );
      expect(await front.ask('owner', 'mute', { time: 'until yesterday' })).toMatch(/past|over/);
      expect(await front.ask('owner', 'preview', { template: 'pots' })).toMatch(/did you mean post/);
    });

    it('name people and commands as the chat does, so that an answer can be pasted', async () => {
      expect(await front.ask('owner', 'mute', { events: 'posts#create, feedbacks', time: 'for 1h' })).toContain(
        `${front.unmute} ends it early`,
      );
      expect(await front.ask('owner', 'subscriptions', {})).toMatch(front.owner);
      expect(await front.ask('owner', 'show', { post: 'held' })).toContain(
        'held back was sent already, or nothing was',
      );
      expect(await front.ask('owner', 'unmute', { mute: 'm2' })).toContain(
        'No longer muted: feedbacks#create,update;posts#create',
      );
    });

    it('show hostile text as text', async () => {
      const hostile = '@everyone <@42> **bold** [x](https://evil.test) `code` <b>hi</b>';
      const answer = await front.ask('owner', 'why', { message: hostile });
      for (const part of ['@everyone', '<@42>', 'bold', 'https://evil.test']) expect(answer).toContain(part);
    });
  });
}

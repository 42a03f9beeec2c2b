import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toPlain } from '../../src/adapters/matrix/format/plain.ts';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';

let rig: CommandsRig;
beforeEach(async () => {
  rig = await createCommandsRig({
    quiet: 'mask_offensive: true',
    also: '- { events: posts#update, rooms: a, where: \'object.title == "x" || subject.title == "x"\' }',
  });
  await rig.outbox.deliver(anEvent({ id: 1, object: { title: 'A slur', body: '<p>Text</p>', username: 'Ann' } }), [
    'matrix:!a:a.org',
  ]);
  await reasons('offensive title detected');
});
afterEach(() => rig.stop());

const reasons = (name: string) =>
  rig.outbox.store.db
    .insertInto('post_details')
    .values({
      subject: 'post:1',
      site_id: null,
      flaggers: '{}',
      fetched_at: 0,
      absent_at: null,
      reasons: JSON.stringify([{ name, weight: 1 }]),
    })
    .onConflict((c) => c.column('subject').doUpdateSet({ reasons: JSON.stringify([{ name, weight: 1 }]) }))
    .execute();

async function say(text: string, about: string | null = null) {
  const asker = { id: '@owner:a.org', roles: [], manages: true, power: 100 };
  const said = { kind: 'line', text } as const;
  const answer = await rig.commands.run({
    key: null,
    platform: 'matrix',
    room: '!a:a.org',
    direct: false,
    asker,
    said,
    answered: 'free',
    about,
  });
  return answer!.message;
}

describe('a room that hides titles', () => {
  it.each(['show post:1', 'preview post post:1', 'preview card post:1', 'why post:1'])(
    'hides them in %s',
    async (command) => {
      await rig.outbox.deliver(
        anEvent({ id: 1, type: 'update', updatedAt: '2026-01-02T03:05:00.000Z', object: { title: 'A slur' } }),
        [],
      );
      const hidden = await say(command);
      expect(toPlain([{ kind: 'paragraph', children: hidden.title ?? [] }, ...hidden.body])).not.toContain('slur');
      expect(toPlain(hidden.body)).toContain('[spoiler]');
      if (command.startsWith('why'))
        expect(toPlain(hidden.body)).toContain('object.title is hidden, subject.title is hidden');
      await reasons('bad keyword in title');
      expect(JSON.stringify(await say(command))).toContain('A slur');
    },
  );

  it('hides them where it asks which post is meant', async () => {
    const { db } = rig.outbox.store;
    await rig.outbox.deliver(anEvent({ id: 2, object: { title: 'Buy pills' } }), ['matrix:!a:a.org']);
    const first = await db.selectFrom('messages').selectAll().orderBy('id').executeTakeFirstOrThrow();
    await db.updateTable('deliveries').set({ message_id: first.id }).execute();
    expect(toPlain((await say('show', first.platform_id)).body)).toMatch(
      /show post:1` \[spoiler\]\n.*show post:2` Buy pills/,
    );
  });

  it('hides them at the end of a mute', async () => {
    await say('mute for 1h');
    await rig.outbox.deliver(
      anEvent({ id: 1, type: 'update', updatedAt: '2026-01-02T03:06:00.000Z', object: { title: 'A slur' } }),
      ['matrix:!a:a.org'],
    );
    await rig.outbox.clock.advance(1_000);
    await say('unmute');
    await rig.outbox.clock.advance(5_000);
    const shown = rig.outbox.shown('!a:a.org').join('\n');
    expect(shown).toContain('Still standing:');
    expect(shown).toContain('[spoiler]');
    expect(shown).not.toContain('slur');
  });
});

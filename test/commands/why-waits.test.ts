import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toPlain } from '../../src/adapters/matrix/format/plain.ts';
import { localTime } from '../../src/commands/mute-text.ts';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';
import { anEvent } from '../support/events.ts';

let rig: CommandsRig;
beforeEach(async () => {
  rig = await createCommandsRig({ room: 'console:a' });
  await rig.outbox.deliver(anEvent({ id: 1 }), ['console:a']);
});
afterEach(() => rig.stop());

async function sentence(): Promise<string | undefined> {
  const answer = await rig.commands.run({
    ...{ key: null, platform: 'console', room: 'a', direct: false, about: null, answered: 'free' },
    asker: { id: 'console', roles: [], manages: true, power: null },
    said: { kind: 'line', text: 'why post:1' },
  });
  return toPlain(answer!.message.body).split('\n')[0];
}

/** The delivery as it is stored in another state. */
const set = (values: object) =>
  rig.outbox.store.db
    .updateTable('deliveries')
    .set({ ...values, message_id: null })
    .execute();

describe('why, about an event that waits', () => {
  it.each([
    ['awaits post', 'the report of its post has not arrived; it waits for it until <then>'],
    ['awaits answer', 'it waits until <then> for the API to tell about its post or the names in it'],
    ['awaits details', 'it waits until <then> for the details of its post from the API'],
    ['awaits name', 'it waits until <then> for the name of who voted'],
    ['catching up', 'the rest of a long gap is being fetched, and what was missed comes in a digest'],
    ['parked', 'this room is not in the configuration any more; it is sent once the room is there again'],
    ['held', 'it is held until <then>'],
    [null, 'it waits until <then>'],
  ])('says what for: %s', async (reason, text) => {
    const then = rig.outbox.clock.now() + 60_000;
    await set({ state: 'waiting', reason, due_at: then, settled_at: null });
    const until = text.replace('<then>', localTime(then, 'UTC'));
    expect(await sentence()).toContain(`Not sent yet: ${until}. It is to be sent because `);
  });

  it('says that it is its turn soon', async () => {
    await set({ state: 'waiting', due_at: rig.outbox.clock.now(), settled_at: null });
    expect(await sentence()).toContain('Not sent yet: it waits for its turn in this room. ');
  });

  it('says that its subscription is gone, or that a mute of long ago stopped it', async () => {
    expect(await sentence()).toContain('Sent because a subscription that is gone (`test`) asks for `posts#create`.');
    await set({ state: 'muted', mute: '99' });
    expect(await sentence()).toContain('Not sent: muted by a mute that is long over. ');
  });

  it('says that it failed on our side', async () => {
    await rig.outbox.store.db.updateTable('events').set({ state: 'failed', failure: 'a bug' }).execute();
    expect(await sentence()).toBe('Not sent: it failed on our side; the operator can see why, and try it again.');
  });
});

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Adapter, SendAction } from '../../src/adapters/adapter.ts';
import { textMessage } from '../support/scripted-adapter.ts';
import { createAdapterOf } from './support/matrix-adapter.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';

const signal = new AbortController().signal;

describe('on a real homeserver', () => {
  let synapse: SynapseServer;
  let moderator: MatrixUser;
  let bot: MatrixUser;
  let adapter: Adapter;
  let room: string;
  let alias: string;
  let count = 0;

  beforeAll(async () => {
    synapse = await startSynapse('off', undefined, 'pills');
    moderator = await synapse.createUser('moderator');
    bot = await synapse.createUser('lookout');
  });
  afterAll(() => synapse.stop());

  /** A process of its own: what the sync said before is not known. */
  async function startAdapter(): Promise<void> {
    adapter = createAdapterOf(synapse.url, bot);
    expect(await adapter.login(signal)).toMatchObject({ outcome: 'ready' });
  }

  beforeEach(async () => {
    const name = `room${count++}`;
    room = await moderator.createRoom({ alias: name, isPublic: true });
    alias = `#${name}:localhost`;
    await startAdapter();
    expect(await adapter.resolve(alias, signal)).toEqual({ outcome: 'resolved', address: room });
  });
  afterEach(() => adapter.stop());

  it.each([
    ['kick', `@lookout:localhost was removed from the room by @moderator:localhost, who said: "too noisy"`],
    ['ban', `@lookout:localhost is banned from the room by @moderator:localhost, who said: "too noisy"`],
  ] as const)(
    'a bot that got a %s stays out, and knows who did it and why, after a restart too',
    async (how, reason) => {
      await moderator.putOut(how, room, bot, 'too noisy');
      await adapter.stop();
      await startAdapter();
      for (const address of [alias, room])
        expect(await adapter.resolve(address, signal)).toMatchObject({
          outcome: 'roomBroken',
          reason: expect.stringContaining(reason),
        });
    },
  );

  it('a bot that is invited again comes back', async () => {
    await moderator.putOut('kick', room, bot, 'too noisy');
    expect(await adapter.resolve(alias, signal)).toMatchObject({ outcome: 'roomBroken' });
    await moderator.invite(room, bot);
    expect(await adapter.resolve(alias, signal)).toEqual({ outcome: 'resolved', address: room });
  });

  it('a message that a spam checker refuses comes without its text, and an edit of one as well', async () => {
    const link = 'https://metasmoke.erwaysoftware.com/post/1';
    const shown = `A report that the homeserver does not let us show: ${link}`;
    const send = (text: string, key: string, action?: SendAction) => {
      const payload = adapter.format({ ...textMessage(text), link }, key, room);
      return adapter.send({ room, key, payload, isAlone: true, ...(action && { action }) }, signal);
    };
    expect(await send('cheap pills', 'a')).toMatchObject({ outcome: 'sent' });
    const second = await send('hello', 'b');
    const target = (second as { platformId: string }).platformId;
    expect(await send('more pills', 'c', { kind: 'edit', target })).toMatchObject({ outcome: 'sent' });
    const messages = await moderator.messages(room);
    expect(messages.map(({ content }) => content.body)).toEqual([shown, 'hello', `* ${shown}`]);
  });

  it('an alias that was moved leads to its new room, and a room that was upgraded to the next', async () => {
    const other = await moderator.createRoom({ isPublic: true });
    await moderator.moveAlias(alias, other);
    expect(await adapter.resolve(alias, signal)).toEqual({ outcome: 'resolved', address: other });
    const next = await moderator.upgrade(other);
    expect(await adapter.resolve(other, signal)).toEqual({ outcome: 'resolved', address: next });
  });
});

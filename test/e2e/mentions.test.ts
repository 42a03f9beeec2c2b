import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Adapter, SendAction } from '../../src/adapters/adapter.ts';
import type { Mention } from '../../src/words.ts';
import { textMessage } from '../support/scripted-adapter.ts';
import { createAdapterOf } from './support/matrix-adapter.ts';
import type { MatrixUser } from './support/matrix-user.ts';
import { type SynapseServer, startSynapse } from './support/synapse-server.ts';

const signal = new AbortController().signal;

describe('on a real homeserver', () => {
  let synapse: SynapseServer;
  let reader: MatrixUser;
  let adapter: Adapter;
  let room: string;
  let keys = 0;

  beforeAll(async () => {
    synapse = await startSynapse('off');
    reader = await synapse.createUser('reader');
    const bot = await synapse.createUser('lookout');
    room = await reader.createRoom({ invite: [bot] });
    adapter = createAdapterOf(synapse.url, bot);
    expect(await adapter.login(signal)).toMatchObject({ outcome: 'ready' });
    expect(await adapter.resolve(room, signal)).toMatchObject({ outcome: 'resolved' });
  });

  afterAll(async () => {
    await adapter?.stop();
    await synapse?.stop();
  });

  const newKey = () => `key${String(++keys).padStart(19, '0')}`;
  async function act(action: SendAction, payload: string, key = newKey()): Promise<string> {
    const result = await adapter.send({ room, key, payload, action }, signal);
    if (result.outcome !== 'sent') throw new Error(`${result.outcome}: ${result.reason}`);
    return result.platformId;
  }
  async function say(text: string, mentions: readonly Mention[] = [], action: SendAction = { kind: 'create' }) {
    const key = newKey();
    return act(action, adapter.format(textMessage(text), key, room, mentions), key);
  }

  it('a message pings the people whom it mentions, and neither its text nor its edit pings anyone else', async () => {
    const somebody: Mention = { kind: 'user', id: reader.id };
    await say(`reader ${reader.id} @room`);
    expect(await reader.highlights(room)).toBe(0);

    const first = await say('look here', [somebody]);
    expect(await reader.highlights(room)).toBe(1);

    await say('look here again', [somebody], { kind: 'edit', target: first });
    await say('and there', [], { kind: 'edit', target: first });
    await say('an answer', [], { kind: 'reply', target: first });
    expect(await reader.highlights(room)).toBe(1);

    await say('a loud answer', [somebody], { kind: 'reply', target: first });
    expect(await reader.highlights(room)).toBe(2);
  });

  it('a reaction is added once, is found if it exists, and can be added again after it was removed', async () => {
    const first = await say('react to this');
    const reaction = await act({ kind: 'react', target: first }, '✅');
    // Another key is another transaction: the homeserver rejects it, and the first one is found.
    expect(await act({ kind: 'react', target: first }, '✅')).toBe(reaction);
    expect(await act({ kind: 'react', target: first }, '❌')).not.toBe(reaction);
    expect(await reader.reactions(room, first)).toEqual(['✅', '❌']);

    for (const _ of ['once', 'and the answer was lost']) await act({ kind: 'redact', target: reaction }, '');
    expect(await reader.reactions(room, first)).toEqual(['❌']);
    expect(await act({ kind: 'react', target: first }, '✅')).not.toBe(reaction);
    await act({ kind: 'redact', target: '$0123456789012345678901234567890123456789012' }, '');
  });

  it('messages are sent into threads, even those about a message in a thread; none is sent about a deleted one', async () => {
    const root = await say('root');
    const second = await say('second', [], { kind: 'thread', target: root });
    await say('third', [], { kind: 'thread', target: second });
    const relations = (await reader.messages(room)).slice(-2).map(({ content }) => content['m.relates_to']);
    expect(relations).toEqual([
      { rel_type: 'm.thread', event_id: root, is_falling_back: true, 'm.in_reply_to': { event_id: root } },
      { rel_type: 'm.thread', event_id: root, is_falling_back: true, 'm.in_reply_to': { event_id: second } },
    ]);
    await act({ kind: 'redact', target: root }, '');
    for (const kind of ['reply', 'thread', 'react', 'edit'] as const) {
      const key = newKey();
      const payload = kind === 'react' ? '✅' : adapter.format(textMessage('too late'), key, room);
      const result = await adapter.send({ room, key, payload, action: { kind, target: root } }, signal);
      expect(result).toMatchObject({ outcome: 'rejected', target: 'gone' });
    }
  });
});

import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Adapter, SendAction, SendResult } from '../../src/adapters/adapter.ts';
import type { Message } from '../../src/render/message.ts';
import type { Mention } from '../../src/words.ts';

/** Faults of a platform during a send. */
export const faults = [
  'badRequest',
  'unauthorized',
  'forbidden',
  'missing',
  'limited',
  'limitedWithoutWait',
  'serverError',
  'timeout',
  'lostAfterWriting',
  'refused', // last, because the platform is gone after it
] as const;
export type Fault = (typeof faults)[number];

/** Abilities that not every platform has. */
export type Ability = 'edit' | 'find' | 'mention' | 'react' | 'relate' | 'repeatByKey' | 'showsLinks';

/** A message that the room shows as a reply to another. */
export interface Related {
  readonly as: 'reply' | 'thread';
  /** The platform's id of the other message. */
  readonly to: string;
  readonly text: string;
}

/** Arranges a fault for the next send. The returned function runs during that send. */
export type Arrange = () => During | Promise<During>;
type During = (() => Promise<void>) | void;

/** A logged-in adapter for a platform that the test controls. */
export interface Harness {
  readonly adapter: Adapter;
  /** A resolved room in which the adapter may write. */
  readonly room: string;
  readonly faults: Partial<Record<Fault, Arrange>>;
  /** The id of a message that does not exist. */
  readonly noMessage: string;
  /** The wait that `limited` requests, ms. */
  readonly limitedForMs: number;
  /** Returns the text of every message in the room, oldest first. */
  shown(): Promise<readonly string[]>;
  /** Returns the messages that are replies, or are in threads, oldest first. */
  related(): Promise<readonly Related[]>;
  /** Returns the reactions in the room: `<message> <emoji>`. */
  reactions(): Promise<readonly string[]>;
  /** Returns the ids of the people whom the platform pinged since the last call. */
  pinged(): Promise<readonly string[]>;
  /** A person who can be pinged. */
  readonly somebody: Mention;
  /** Removes a message from the room, as a moderator does. */
  remove(message: string): Promise<void>;
  /** The token; the platform quotes it in every text of its answers. */
  readonly secret: string | null;
  /** All log lines. */
  readonly said: readonly string[];
  stop(): Promise<void>;
}

export interface ContractOptions {
  /** The faults and abilities that the platform cannot have, each with the reason. All others are tested. */
  readonly cannot: Partial<Record<Fault | Ability, string>>;
  readonly start: () => Promise<Harness>;
}

const never = new AbortController().signal;
const link = 'https://metasmoke.erwaysoftware.com/post/123456';
let keys = 0;
const newKey = () => `key${String(++keys).padStart(19, '0')}`;

/** Tests what the outbox requires of every adapter, on any platform. */
export function adapterContract(name: string, { cannot, start }: ContractOptions): void {
  describe(`the ${name} adapter`, () => {
    let harness: Harness;
    const results: unknown[] = [];

    beforeEach(async () => {
      results.length = 0;
      harness = await start();
    });

    afterEach(async () => {
      await harness.stop();
      if (harness.secret === null) return;
      expect(inspect(results, { depth: 9 })).not.toContain(harness.secret);
      expect(harness.said.join('\n')).not.toContain(harness.secret);
    });

    async function send(message: Message, key = newKey(), during?: During): Promise<SendResult> {
      const { adapter, room } = harness;
      const sending = adapter.send({ room, key, payload: adapter.format(message, key, room) }, never);
      if (during) await during();
      const result = await sending;
      results.push(result);
      return result;
    }

    /** Sends a message, and returns the platform's id. */
    async function sent(message: Message): Promise<string> {
      const result = await send(message);
      if (result.outcome !== 'sent') throw new Error(`${result.outcome}: ${result.reason}`);
      return result.platformId;
    }

    /** Returns a request about a message: with the message `what`, or the emoji. */
    function about(action: SendAction, what: Message | string, key = newKey()) {
      const { adapter, room } = harness;
      return { room, key, payload: typeof what === 'string' ? what : adapter.format(what, key, room), action };
    }

    /** Performs it, and returns the platform's id. */
    async function act(action: SendAction, what: Message | string): Promise<string> {
      const result = await harness.adapter.send(about(action, what), never);
      results.push(result);
      if (result.outcome !== 'sent') throw new Error(`${result.outcome}: ${result.reason}`);
      return result.platformId;
    }

    /** Sends a message during `fault`. */
    async function sendInto(fault: Fault, message = says('hello'), key = newKey()): Promise<SendResult> {
      const arrange = harness.faults[fault];
      if (!arrange) throw new Error(`the harness neither arranges "${fault}" nor says why it cannot happen`);
      return send(message, key, await arrange());
    }

    /** Adds a test that some platforms cannot have. */
    function where(what: Fault | Ability, title: string, run: () => Promise<void>): void {
      if (cannot[what] === undefined) it(title, run);
    }

    it('identifies its account, and accepts a message', async () => {
      const result = await send(says('hello'));
      expect(result).toMatchObject({ outcome: 'sent', platformId: expect.stringMatching(/./) });
      expect(await harness.shown()).toEqual([expect.stringContaining('hello')]);
    });

    it('formats the same message with the same key to the same bytes', () => {
      const { adapter, room } = harness;
      const key = 'k'.repeat(22);
      expect(adapter.format(says('hello'), key, room)).toBe(adapter.format(says('hello'), key, room));
    });

    it('shows several messages in one, as many as it declares', async () => {
      const { adapter, room } = harness;
      const key = newKey();
      const { payload, carried } = adapter.together([says('first'), says('second'), says('third')], key, room);
      expect(carried).toBe(3);
      expect(await adapter.send({ room, key, payload }, never)).toMatchObject({ outcome: 'sent' });
      const shown = await harness.shown();
      expect(shown).toHaveLength(1);
      expect(shown[0]).toMatch(/first.*second.*third/s);
    });

    where('edit', 'changes a message, as often as it is told to', async () => {
      const { adapter, room } = harness;
      const first = await send(says('first'));
      if (first.outcome !== 'sent') throw new Error(`not sent: ${first.outcome}`);
      const key = newKey();
      const request = {
        room,
        key,
        payload: adapter.format(says('changed'), key, room),
        action: { kind: 'edit', target: first.platformId } as const,
      };
      for (const _ of ['once', 'and the answer was lost'])
        expect(await adapter.send(request, never)).toMatchObject({ outcome: 'sent' });
      const shown = await harness.shown();
      expect(shown).toEqual([expect.stringContaining('changed')]);
      expect(shown[0]).not.toContain('first');
    });

    where('edit', 'knows that a message that is gone cannot be changed, which says nothing of the room', async () => {
      const { adapter, room } = harness;
      const key = newKey();
      const payload = adapter.format(says('changed'), key, room);
      const result = await adapter.send(
        { room, key, payload, action: { kind: 'edit', target: harness.noMessage } },
        never,
      );
      expect(result).toMatchObject({ outcome: 'rejected', target: 'gone' });
      expect(await send(says('next'))).toMatchObject({ outcome: 'sent' });
    });

    it.each(['reply', 'thread'] as const)('shows a message that is sent as a %s, once', async (kind) => {
      const first = await sent(says('first'));
      const request = about({ kind, target: first }, says('second'));
      const result = await harness.adapter.send(request, never);
      expect(result).toMatchObject({ outcome: 'sent', platformId: expect.stringMatching(/./) });
      if (cannot.repeatByKey === undefined) expect(await harness.adapter.send(request, never)).toEqual(result);
      if (cannot.relate !== undefined) expect((await harness.shown()).join()).toMatch(/first.*second/s);
      else expect(await harness.related()).toEqual([{ as: kind, to: first, text: expect.stringContaining('second') }]);
    });

    where('relate', 'changes what it sent as an answer, and answers it in turn where it stands', async () => {
      const first = await sent(says('first'));
      for (const kind of ['reply', 'thread'] as const) {
        const second = await act({ kind, target: first }, says('second'));
        await act({ kind: 'edit', target: second }, says('changed'));
        await act({ kind: 'thread', target: second }, says('third'));
      }
      const texts = (await harness.related()).map(({ as, text }) => [as, text]);
      expect(texts).toContainEqual(['reply', expect.stringContaining('changed')]);
      expect(texts.filter(([as]) => as === 'thread')).toEqual([
        ['thread', expect.stringContaining('third')],
        ['thread', expect.stringContaining('changed')],
        ['thread', expect.stringContaining('third')],
      ]);
      expect((await harness.shown()).join()).not.toContain('second');
    });

    where('find', 'finds what it sent as an answer', async () => {
      const first = await sent({ ...says('first'), link });
      for (const kind of ['reply', 'thread'] as const) {
        const action = { kind, target: first };
        const request = about(action, { ...says('second'), link });
        expect(await harness.adapter.find({ ...request, since: 0 }, never)).toEqual({ outcome: 'absent' });
        const result = await harness.adapter.send(request, never);
        expect(await harness.adapter.find({ ...request, since: 0 }, never)).toEqual({
          outcome: 'found',
          platformId: (result as { platformId: string }).platformId,
        });
      }
    });

    where('react', 'puts a reaction to a message and takes it away, as often as it is told to', async () => {
      const first = await sent(says('first'));
      const ids = [];
      for (const _ of ['once', 'and the answer was lost'])
        ids.push(
          await act({ kind: 'react', target: first }, '✅'),
          await act({ kind: 'react', target: first }, '👍🏽'),
        );
      expect(await harness.reactions()).toEqual([`${first} ✅`, `${first} 👍🏽`]);
      expect(new Set(ids).size).toBe(2);
      for (const _ of ['once', 'and the answer was lost']) await act({ kind: 'redact', target: ids[0]! }, '');
      expect(await harness.reactions()).toEqual([`${first} 👍🏽`]);
      expect(await harness.shown()).toHaveLength(1);
      await act({ kind: 'react', target: first }, '✅');
      expect(await harness.reactions()).toHaveLength(2);
    });

    where('react', 'has no reaction to take away where the message is gone', async () => {
      const first = await sent(says('first'));
      const reaction = await act({ kind: 'react', target: first }, '✅');
      await harness.remove(first);
      expect(await harness.reactions()).toEqual([]);
      await act({ kind: 'redact', target: reaction }, '');
    });

    where('react', 'knows that a message is gone, which says nothing of the room', async () => {
      for (const target of [harness.noMessage, await sent(says('first'))]) {
        if (target !== harness.noMessage) await harness.remove(target);
        for (const kind of ['edit', 'react', 'thread'] as const)
          expect(
            await harness.adapter.send(about({ kind, target }, kind === 'react' ? '✅' : says('x')), never),
          ).toEqual({
            outcome: 'rejected',
            target: 'gone',
            reason: expect.stringMatching(/./),
          });
      }
      expect(await send(says('next'))).toMatchObject({ outcome: 'sent' });
      expect(await harness.shown()).toEqual([expect.stringContaining('next')]);
    });

    where('mention', 'pings those that a message is to ping, when it comes, and by no edit', async () => {
      const { adapter, room, somebody } = harness;
      const hostile = says(`<@${somebody.id}> ${somebody.id} @everyone @room`);
      const first = await sent(hostile);
      expect(await harness.pinged()).toEqual([]);
      const key = newKey();
      const payload = adapter.format(hostile, key, room, [somebody]);
      expect(await adapter.send({ room, key, payload }, never)).toMatchObject({ outcome: 'sent' });
      expect(await harness.pinged()).toEqual([somebody.id]);
      const action = { kind: 'edit', target: first } as const;
      expect(await adapter.send({ room, key, payload, action }, never)).toMatchObject({ outcome: 'sent' });
      expect(await harness.pinged()).toEqual([]);
      for (const kind of ['reply', 'thread'] as const) {
        await act({ kind, target: first }, hostile);
        expect(await harness.pinged()).toEqual([]);
        const answer = newKey();
        const loud = adapter.format(hostile, answer, room, [somebody]);
        await adapter.send({ room, key: answer, payload: loud, action: { kind, target: first } }, never);
        expect(await harness.pinged()).toEqual([somebody.id]);
      }
    });

    where('mention', 'pings those that several messages in one are to ping', async () => {
      const { adapter, room, somebody } = harness;
      const key = newKey();
      const { payload } = adapter.together([says('first'), says('second')], key, room, [somebody, somebody]);
      expect(await adapter.send({ room, key, payload }, never)).toMatchObject({ outcome: 'sent' });
      expect(await harness.pinged()).toEqual([somebody.id]);
    });

    it('accepts more mentions than a message has room for', async () => {
      const { adapter, room, somebody } = harness;
      const many = Array.from({ length: 300 }, (_, n) => ({
        ...somebody,
        id: somebody.id.replace(/\d{3}/, String(100 + n)),
      }));
      const key = newKey();
      const payload = adapter.format(says('word '.repeat(20_000)), key, room, many);
      expect(await adapter.send({ room, key, payload }, never)).toMatchObject({ outcome: 'sent' });
      expect((await harness.shown())[0]).toContain('word…');
      const pinged = (await harness.pinged()).length;
      if (cannot.mention === undefined) expect([pinged > 0, pinged < 300]).toEqual([true, true]);
    });

    where('repeatByKey', 'shows a message once that is sent twice with one key', async () => {
      const key = newKey();
      const first = await send(says('once'), key);
      expect(await send(says('once'), key)).toEqual(first);
      expect(await harness.shown()).toHaveLength(1);
    });

    where('badRequest', 'rejects what the platform will never take, and goes on', async () => {
      expect(await sendInto('badRequest')).toMatchObject({ outcome: 'rejected', reason: expect.stringMatching(/./) });
      expect(await send(says('next'))).toMatchObject({ outcome: 'sent' });
    });

    where('unauthorized', 'knows a broken account', async () => {
      expect(await sendInto('unauthorized')).toMatchObject({ outcome: 'accountBroken' });
    });

    where('forbidden', 'knows a room in which it may not speak', async () => {
      expect(await sendInto('forbidden')).toMatchObject({ outcome: 'roomBroken' });
    });

    where('missing', 'knows a room that is not there', async () => {
      expect(await sendInto('missing')).toMatchObject({ outcome: 'roomBroken' });
    });

    where('limited', 'waits as long as the platform asked', async () => {
      const result = await sendInto('limited');
      expect(result.outcome).toBe('notAccepted');
      const { waitMs } = result as SendResult & { outcome: 'notAccepted' };
      expect(waitMs).toBeGreaterThanOrEqual(harness.limitedForMs);
      expect(waitMs).toBeLessThan(harness.limitedForMs + 2_000);
      expect(await harness.shown()).toEqual([]);
    });

    where('limitedWithoutWait', 'waits a second at least where the platform does not say how long', async () => {
      const result = await sendInto('limitedWithoutWait');
      expect(result.outcome).toBe('notAccepted');
      expect((result as SendResult & { outcome: 'notAccepted' }).waitMs).toBeGreaterThanOrEqual(1_000);
    });

    where('serverError', 'does not know what a failing platform did', async () => {
      const result = await sendInto('serverError');
      expect(result.outcome).toBe('unknown');
      expect((result as SendResult & { outcome: 'unknown' }).waitMs).toBeGreaterThan(0);
    });

    where('timeout', 'does not know what a silent platform did', async () => {
      expect(await sendInto('timeout')).toMatchObject({ outcome: 'unknown' });
    });

    where('refused', 'knows that nothing happened where no connection was made', async () => {
      expect(await sendInto('refused')).toMatchObject({ outcome: 'notAccepted', scope: 'account' });
    });

    where('lostAfterWriting', 'shows a message once whose answer was lost', async () => {
      const key = newKey();
      expect(await sendInto('lostAfterWriting', says('once'), key)).toMatchObject({ outcome: 'unknown' });
      if (cannot.repeatByKey !== undefined) return;
      expect(await send(says('once'), key)).toMatchObject({ outcome: 'sent' });
      expect(await harness.shown()).toHaveLength(1);
    });

    it('accepts a message of any length, cut, with its link', async () => {
      const long = { ...says('word '.repeat(200_000)), link };
      expect(await send(long)).toMatchObject({ outcome: 'sent' });
      const [shown = ''] = await harness.shown();
      expect(shown).toContain('word…');
      if (cannot.showsLinks === undefined) expect(shown).toContain(link);
    });

    it('accepts an empty message, and shows something', async () => {
      expect(await send({ ...says(''), body: [] })).toMatchObject({ outcome: 'sent' });
      const [shown = ''] = await harness.shown();
      expect(shown.trim()).not.toBe('');
    });

    it('accepts text that is not well-formed', async () => {
      expect(await send(says('lone \ud83d surrogate \udc00'))).toMatchObject({ outcome: 'sent' });
      expect((await harness.shown()).join()).toContain('lone \ufffd surrogate \ufffd');
    });

    it('answers an aborted send without throwing', async () => {
      const { adapter, room } = harness;
      const key = newKey();
      const payload = adapter.format(says('too late'), key, room);
      const result = await adapter.send({ room, key, payload }, AbortSignal.abort());
      expect(['unknown', 'sent']).toContain(result.outcome);
    });

    where('find', 'finds what it sent by its key, and nothing else', async () => {
      const key = newKey();
      const message = { ...says('look for me'), link };
      const sent = await send(message, key);
      await send({ ...says('not for me'), link });
      const { adapter, room } = harness;
      const find = (wanted: string) =>
        adapter.find({ room, key: wanted, payload: adapter.format(message, wanted, room), since: 0 }, never);
      expect(await find(key)).toEqual({ outcome: 'found', platformId: (sent as { platformId: string }).platformId });
      expect(await find(newKey())).toEqual({ outcome: 'absent' });
    });

    it('leaks no secret, whatever happens', async () => {
      for (const fault of faults) {
        if (cannot[fault] !== undefined) continue;
        await sendInto(fault).catch((error: unknown) => results.push(error));
      }
      expect(results.length).toBe(faults.filter((fault) => cannot[fault] === undefined).length);
      // The output is compared with the secret after every test.
    });
  });
}

function says(text: string): Message {
  return {
    title: null,
    url: null,
    color: null,
    body: [{ kind: 'paragraph', children: [{ kind: 'text', text }] }],
    fields: [],
    footer: null,
    image: null,
    link: null,
  };
}

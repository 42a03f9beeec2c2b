import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RoomMessage } from '../../../../src/adapters/matrix/command-line.ts';
import type { Reading } from '../../../../src/adapters/matrix/encryption/encryption.ts';
import { createMessageReader, type MessageReader } from '../../../../src/adapters/matrix/encryption/read-messages.ts';
import { silentLog } from '../../../../src/log.ts';
import { createTestClock, type TestClock } from '../../../support/test-clock.ts';
import { until } from '../../../support/until.ts';

const room = '!r:fake.test';
const encrypted = (id: string, session = 's1', index = 0) => ({
  room,
  event: { type: 'm.room.encrypted', event_id: id, content: { ciphertext: 'x', session, index } },
});

describe('reading messages', () => {
  /** Sessions whose keys are there. */
  let keys: Set<string>;
  let tell: (rooms: readonly string[]) => void;
  let late: RoomMessage[];
  let clock: TestClock;
  let reader: MessageReader;

  beforeEach(() => {
    keys = new Set(['s1']);
    late = [];
    clock = createTestClock();
    const seen = new Map<string, string>();
    reader = createMessageReader({
      encryption: {
        async read(_, { event_id: id, content }): Promise<Reading> {
          const { session, index } = content as { session: string; index: number };
          if (session === 'broken') throw new Error('a bug');
          if (session === 'busy') return { outcome: 'later', isPassing: true, reason: 'no answer' };
          if (session === 'unsigned') return { outcome: 'unreadable', reason: 'the device is not signed' };
          if (!keys.has(session)) return { outcome: 'noKey' };
          const event = { type: 'm.room.message', event_id: id, content: { body: `${session} ${index}` } };
          return { outcome: 'read', event, index: { session, index } };
        },
        onKeys(callback) {
          tell = callback;
          return () => {};
        },
      },
      noteRead: async ({ session, index }, event) => {
        const place = `${session} ${index}`;
        seen.set(place, seen.get(place) ?? event);
        return seen.get(place) === event;
      },
      onLate: (messages) => late.push(...messages),
      clock,
      log: silentLog,
    });
  });

  afterEach(() => reader.stop());

  const bodies = (messages: readonly RoomMessage[]) =>
    messages.map(({ event, isEncrypted }) => [(event.content as { body: string }).body, isEncrypted]);

  it('passes on plain and decrypted messages in their order, and says which is which', async () => {
    const plain = { room, event: { type: 'm.room.message', event_id: '$p', content: { body: 'plain' } } };
    expect(bodies(await reader.read([encrypted('$1'), plain, encrypted('$2', 's1', 1)]))).toEqual([
      ['s1 0', true],
      ['plain', false],
      ['s1 1', true],
    ]);
  });

  it('leaves out what cannot be read, and deleted messages', async () => {
    const deleted = { room, event: { type: 'm.room.encrypted', event_id: '$d', content: {} } };
    expect(await reader.read([encrypted('$1', 'unsigned'), deleted])).toEqual([]);
    expect(reader.waiting).toBe(0);
  });

  it('takes the same event again, and never the same words in another', async () => {
    await reader.read([encrypted('$1')]);
    expect(bodies(await reader.read([encrypted('$1')]))).toEqual([['s1 0', true]]);
    expect(await reader.read([encrypted('$copy')])).toEqual([]);
  });

  it('reads messages when their keys come', async () => {
    expect(await reader.read([encrypted('$1', 's2'), encrypted('$2', 's2', 1)])).toEqual([]);
    tell(['!another:fake.test']);
    keys.add('s2');
    tell([room]);
    await until(() => late.length === 2);
    expect([bodies(late), reader.waiting]).toEqual([
      [
        ['s2 0', true],
        ['s2 1', true],
      ],
      0,
    ]);
  });

  it('waits for keys ten minutes, and for a bounded number of messages', async () => {
    await reader.read([encrypted('$1', 's2')]);
    await clock.advance(10 * 60_000);
    expect(reader.waiting).toBe(0);
    await reader.read(Array.from({ length: 250 }, (_, index) => encrypted(`$${index}`, 's2', index)));
    expect(reader.waiting).toBe(200);
  });

  it('leaves out a message on which the library fails, and reads the others', async () => {
    expect(bodies(await reader.read([encrypted('$1', 'broken'), encrypted('$2')]))).toEqual([['s1 0', true]]);
  });

  it('reads a message again when the homeserver did not answer', async () => {
    expect(await reader.read([encrypted('$1', 'busy')])).toEqual([]);
    expect(reader.waiting).toBe(1);
    await clock.advance(30_000);
    await until(() => reader.waiting === 1);
  });
});

import { describe, expect, it } from 'vitest';
import { createMemoryEncryption } from '../../../src/adapters/contract/memory-encryption.ts';
import { EncryptedRooms } from '../../../src/adapters/matrix/encryption/encrypted-rooms.ts';
import type { Exchange } from '../../../src/adapters/matrix/exchange.ts';
import { createRooms } from '../../../src/adapters/matrix/rooms.ts';
import { silentLog } from '../../../src/log.ts';
import { createTestClock } from '../../support/test-clock.ts';
import { unhurried } from './rig.ts';

const room = '!a:b';
const absent: Exchange = { kind: 'refused', status: 404, code: 'M_NOT_FOUND', text: '', retryAfterMs: null };

/** Rooms before a homeserver that answers when the test says so. */
function asked() {
  const questions: ((answer: Exchange) => void)[] = [];
  const encrypted = new EncryptedRooms(createMemoryEncryption(), silentLog);
  const request = () => new Promise<Exchange>((resolve) => questions.push(resolve));
  return { questions, rooms: createRooms({ request, async close() {} }, encrypted, createTestClock()), encrypted };
}

describe('whether a room is encrypted', () => {
  it('is believed when the sync told of it while we were being told otherwise', async () => {
    const { questions, rooms, encrypted } = asked();
    const answer = rooms.encryption(room, unhurried);
    await encrypted.note(room, {});
    questions[0]?.(absent);
    expect(await answer).toBe('encrypted');
    expect(await rooms.encryption(room, unhurried)).toBe('encrypted');
  });

  it('is news once', async () => {
    const { encrypted } = asked();
    expect([await encrypted.note(room, {}), await encrypted.note(room, {})]).toEqual([true, false]);
  });

  it('is whatever the room says of it, also where that looks like an answer of ours', async () => {
    const { questions, rooms } = asked();
    const answer = rooms.encryption(room, unhurried);
    questions[0]?.({ kind: 'ok', body: { kind: 'absent' } });
    expect(await answer).toBe('encrypted');
  });

  it('is unknown where the answer is not the homeserver’s', async () => {
    const { questions, rooms } = asked();
    const answer = rooms.encryption(room, unhurried);
    questions[0]?.({ ...absent, code: null });
    expect(await answer).toMatchObject({ kind: 'refused', status: 404 });
  });
});

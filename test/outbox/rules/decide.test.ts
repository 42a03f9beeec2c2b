import { describe, expect, it } from 'vitest';
import type { FindResult, SendResult } from '../../../src/adapters/adapter.ts';
import { decide, decideFound, giveUp } from '../../../src/outbox/rules/decide.ts';
import type { Attempted, Pause, SendStep } from '../../../src/outbox/rules/transition.ts';

const dayMs = 24 * 3_600_000;
const first: Attempted = { id: 7, room: 'hq', kind: 'create', attempts: 1, countedMs: 0, deliveries: 1, unclear: 0 };
const repeated: Attempted = { ...first, attempts: 2 };

const lost: SendResult = { outcome: 'unknown', waitMs: 0, reason: 'connection lost' };
const refused = (scope: 'message' | 'room' | 'account', waitMs = 5_000): SendResult => {
  return { outcome: 'notAccepted', waitMs, scope, reason: '429' };
};
const rejected: SendResult = { outcome: 'rejected', reason: '400' };
const none: Pause = { scope: 'none' };

describe('what follows from an answer', () => {
  const cases: readonly (readonly [string, SendResult, Attempted, SendStep, Pause])[] = [
    ['sent', { outcome: 'sent', platformId: '$1' }, first, { kind: 'settle', platformId: '$1' }, none],
    ['rejected', rejected, first, { kind: 'deadLetter', reason: '400' }, none],
    [
      'rejected as a repeat',
      rejected,
      repeated,
      { kind: 'deadLetter', reason: 'maybe sent; a repeat was rejected: 400' },
      none,
    ],
    ['rejected with several deliveries', rejected, { ...first, deliveries: 2 }, { kind: 'split', reason: '400' }, none],
    ['a rejected edit', rejected, { ...first, kind: 'edit' }, { kind: 'leave', reason: '400', target: null }, none],
    [
      'a rejected reply to a deleted message',
      { ...rejected, target: 'gone' },
      { ...first, kind: 'reply' },
      { kind: 'leave', reason: '400', target: 'gone' },
      none,
    ],
    ['no clear answer', lost, first, { kind: 'repeat', waitMs: 1_000 }, none],
    ['no clear answer to the third attempt', lost, { ...first, attempts: 3 }, { kind: 'repeat', waitMs: 4_000 }, none],
    ['no clear answer with a long wait', { ...lost, waitMs: 90_000 }, first, { kind: 'repeat', waitMs: 90_000 }, none],
    [
      'no clear answer for a day',
      lost,
      { ...first, countedMs: dayMs },
      { kind: 'deadLetter', reason: 'maybe sent; no clear answer for 24 h: connection lost' },
      none,
    ],
    [
      'no clear answer to an edit for a day',
      lost,
      { ...first, kind: 'edit', countedMs: dayMs },
      { kind: 'leave', reason: 'no change got through for 24 h: connection lost', target: null },
      none,
    ],
    [
      'a wait for the message',
      refused('message'),
      first,
      { kind: 'planAnew', waitMs: 5_000 },
      { scope: 'message', waitMs: 5_000 },
    ],
    [
      'a wait for the room',
      refused('room'),
      first,
      { kind: 'planAnew', waitMs: null },
      { scope: 'room', waitMs: 5_000 },
    ],
    [
      'a wait for the account as a repeat',
      refused('account'),
      repeated,
      { kind: 'repeat', waitMs: 5_000 },
      { scope: 'account', waitMs: 5_000 },
    ],
    [
      'a wait for the room for a day',
      refused('room'),
      { ...first, countedMs: dayMs },
      { kind: 'deadLetter', reason: 'not accepted for 24 h: 429' },
      none,
    ],
    [
      'a broken room',
      { outcome: 'roomBroken', reason: '403' },
      first,
      { kind: 'planAnew', waitMs: null },
      { scope: 'brokenRoom', reason: '403' },
    ],
    [
      'a broken account as a repeat',
      { outcome: 'accountBroken', reason: '401' },
      repeated,
      { kind: 'repeat', waitMs: 0 },
      { scope: 'brokenAccount', reason: '401' },
    ],
  ];
  it.each(cases)('%s: gives the step of the send and the pause around it', (_, result, send, step, pause) => {
    const transition = decide(result, send);
    expect(transition.step).toEqual(step);
    expect(transition.pause).toEqual(pause);
  });

  it('lets the room rest longer with each unclear answer after the first, up to a minute', () => {
    const rests: number[] = [];
    let unclear = 0;
    for (let n = 0; n < 9; n++) {
      const transition = decide(lost, { ...first, unclear });
      rests.push(transition.restMs);
      ({ unclear } = transition);
    }
    expect(rests).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    expect(decide({ outcome: 'sent', platformId: '$1' }, { ...first, unclear })).toMatchObject({
      restMs: 0,
      unclear: 0,
    });
    expect(decide(rejected, { ...first, unclear })).toMatchObject({ restMs: 0, unclear });
    expect(decide(refused('room'), { ...first, unclear })).toMatchObject({ restMs: 0, unclear });
  });

  it('tells operators about a dead letter, and logs it with what to do', () => {
    const { log, notice } = decide(rejected, first);
    expect(notice).toEqual({
      cause: 'dead letter',
      text: 'A message for room hq could not be delivered (400). lookout outbox list shows it.',
    });
    expect(log.filter(({ level }) => level === 'error')).toEqual([
      { level: 'error', text: 'dead letter s7: 400; `lookout outbox` lists it', reason: '400' },
    ]);
    expect(decide(lost, first)).toMatchObject({ notice: null, log: [{ level: 'debug' }] });
  });

  it('says whether messages go through in the room', () => {
    expect(decide(rejected, first).flow).toEqual({ state: 'goesOn' });
    expect(decide(lost, first).flow).toEqual({
      state: 'waits',
      cause: 'unknown',
      reason: 'no clear answer: connection lost',
    });
    expect(decide({ outcome: 'roomBroken', reason: '403' }, first).flow).toBeNull();
  });
});

describe('what follows from a search of the room', () => {
  const cases: readonly (readonly [FindResult, number, SendStep])[] = [
    [{ outcome: 'found', platformId: '$1' }, 0, { kind: 'settle', platformId: '$1' }],
    [{ outcome: 'absent' }, 59_000, { kind: 'repeat', waitMs: 1_000 }],
    [{ outcome: 'absent' }, 60_000, { kind: 'planAnew', waitMs: null }],
    [
      { outcome: 'unreadable', reason: '403' },
      0,
      { kind: 'deadLetter', reason: 'maybe sent; the room cannot be read back: 403' },
    ],
    [{ outcome: 'later', waitMs: 0, reason: '429' }, 0, { kind: 'repeat', waitMs: 1_000 }],
  ];
  it.each(cases)('%o, %d ms after the last attempt: gives the step of the send', (found, lastMs, step) => {
    expect(decideFound(found, { ...repeated, unclear: 3 }, lastMs)).toMatchObject({
      step,
      pause: none,
      restMs: 0,
      unclear: 3,
      isAccepted: false,
    });
  });
});

it('makes a dead letter of a send on which our own code fails', () => {
  const { step, notice } = giveUp(repeated, 'a bug');
  expect(step).toEqual({ kind: 'deadLetter', reason: 'maybe sent; a bug' });
  expect(notice?.cause).toBe('dead letter');
});

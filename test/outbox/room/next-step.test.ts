import { describe, expect, it } from 'vitest';
import { nextStep, type RoomState, type RoomStep } from '../../../src/outbox/room/next-step.ts';
import type { Work } from '../../../src/outbox/rows/next-work.ts';

const now = 1_000_000;
const open: RoomState = {
  roomWaitMs: -5,
  needsCheck: false,
  work: null,
  turn: 'none',
  mayHaveWave: false,
  isWaveChecked: false,
  isPaused: false,
  redrawWaitMs: Number.NEGATIVE_INFINITY,
};
const plan: Work = { kind: 'plan', priority: 3 };
const stale = {
  id: 1,
  news: 0,
  platformId: '$1',
  subject: 'post:1',
  isWave: false,
  shown: null,
  pinged: null,
  account: null,
};
const redraw: Work = { kind: 'redraw', message: stale };
const idle = (until: number | null, isGrowing = false): Work => ({ kind: 'wait', until, isGrowing });

describe('the next step of a room', () => {
  const cases: readonly (readonly [string, Partial<RoomState>, RoomStep])[] = [
    ['waits as long as the room may not send', { roomWaitMs: 700, needsCheck: true }, { kind: 'wait', ms: 700 }],
    ['opens a room that has to be checked', { needsCheck: true }, { kind: 'open' }],
    ['looks up the work of an open room', {}, { kind: 'find' }],
    [
      'asks for a turn before it sends, by the priority of the delivery',
      { work: plan },
      { kind: 'takeTurn', urgency: 3 },
    ],
    [
      'asks for a turn behind everything new if it only redraws',
      { work: redraw },
      { kind: 'takeTurn', urgency: 1_000 },
    ],
    ['does the work once the room has its turn', { work: plan, turn: 'taken' }, { kind: 'do', work: plan }],
    ['does the work at once if rooms take no turns', { work: plan, turn: 'free' }, { kind: 'do', work: plan }],
    ['looks the work up again after it waited for its turn', { turn: 'taken' }, { kind: 'find' }],
    [
      'gives the turn back if the room may not send any more',
      { work: plan, turn: 'taken', roomWaitMs: 1 },
      { kind: 'startOver' },
    ],
    ['gives the turn back if the room has to be checked', { turn: 'taken', needsCheck: true }, { kind: 'startOver' }],
    ['gives the turn back if nothing is due any more', { work: idle(null), turn: 'taken' }, { kind: 'startOver' }],
    ['redraws nothing in a muted room', { work: redraw, isPaused: true }, { kind: 'wait', ms: 60_000 }],
    ['plans what is due in a muted room', { work: plan, isPaused: true }, { kind: 'takeTurn', urgency: 3 }],
    ['waits between two redraws of a limited account', { work: redraw, redrawWaitMs: 400 }, { kind: 'wait', ms: 400 }],
    ['waits until it is woken if nothing waits', { work: idle(null) }, { kind: 'wait', ms: null }],
    ['waits until something is due', { work: idle(now + 250) }, { kind: 'wait', ms: 250 }],
    [
      'looks again after a minute, since the clock may be set',
      { work: idle(now + 99_000) },
      { kind: 'wait', ms: 60_000 },
    ],
    ['looks whether the wave is over while a digest grows', { work: idle(null, true) }, { kind: 'checkWave' }],
    [
      'looks whether the wave is over while one may be on',
      { work: idle(null), mayHaveWave: true },
      { kind: 'checkWave' },
    ],
    [
      'looks again after a second while a wave is on',
      { work: idle(null, true), mayHaveWave: true, isWaveChecked: true },
      { kind: 'wait', ms: 1_000 },
    ],
    [
      'looks sooner if something is due before that',
      { work: idle(now + 300, true), mayHaveWave: true, isWaveChecked: true },
      { kind: 'wait', ms: 300 },
    ],
    [
      'waits until it is woken after a wave is over',
      { work: idle(null, true), isWaveChecked: true },
      { kind: 'wait', ms: null },
    ],
  ];
  it.each(cases)('%s', (_, state, step) => {
    expect(nextStep({ ...open, ...state }, now)).toEqual(step);
  });
});

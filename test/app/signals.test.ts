import { describe, expect, it } from 'vitest';
import { joinNotes, type Note, StoredUntil, StoredUntilTeller, Switchboard, shortNote } from '../../src/app/signals.ts';
import { createTestClock } from '../support/test-clock.ts';

const joined = (...notes: readonly Note[]) =>
  joinNotes(notes.map((note) => JSON.stringify(note))).map((text) => JSON.parse(text));

describe('notes of a moment', () => {
  it('are joined into one, with the last word of each kind', () => {
    expect(
      joined(
        { rooms: [1, 2], storedUntil: 5 },
        { rooms: [2, 3], storedUntil: null },
        { moved: [7], changed: 3 },
        { changed: 2, read: 1 },
      ),
    ).toEqual([{ rooms: [1, 2, 3], moved: [7], changed: 3, read: 1, storedUntil: null }]);
    expect(joined({ all: true }, { rooms: [1] })).toEqual([{ all: true, rooms: [1] }]);
  });
});

describe('the switchboard', () => {
  it('passes a note to the other units here and to other processes, and not back', () => {
    const sent: string[] = [];
    const board = new Switchboard((text) => sent.push(text), createTestClock());
    const heard: string[] = [];
    const leader = board.join((note) => heard.push(`leader ${JSON.stringify(note)}`));
    const account = board.join((note) => heard.push(`account ${JSON.stringify(note)}`));
    leader.tell({ rooms: [1] });
    account.tell({ changed: 2 });
    board.heard('{"read":2}');
    account.leave();
    board.mayHaveMissed();
    expect(sent).toEqual(['{"rooms":[1]}', '{"changed":2}']);
    expect(heard).toEqual([
      'account {"rooms":[1]}',
      'leader {"changed":2}',
      'leader {"read":2}',
      'account {"read":2}',
      'leader {"all":true}',
    ]);
  });
});

describe('a text on the channel that is not a note', () => {
  it.each([
    'x',
    '',
    'null',
    '[]',
    '5',
    '{"rooms":5}',
    '{"moved":["x"]}',
    '{"storedUntil":"x"}',
    '{"read":{}}',
    '{"heard":[5]}',
  ])('%j means that anything may have changed, at most once a second', async (text) => {
    const clock = createTestClock();
    const board = new Switchboard(() => {}, clock);
    const heard: Note[] = [];
    board.join((note) => heard.push(note));
    board.heard(text);
    board.heard(text);
    expect(heard).toEqual([{ all: true }]);
    await clock.advance(1_000);
    board.heard(text);
    board.heard('{"rooms":[1],"storedUntil":null}');
    expect(heard).toEqual([{ all: true }, { all: true }, { rooms: [1], storedUntil: null }]);
  });
});

describe('a note that is too long', () => {
  it('still says up to when everything is stored', () => {
    expect(JSON.parse(shortNote('{"rooms":[1,2],"storedUntil":5}'))).toEqual({ all: true, storedUntil: 5 });
    expect(JSON.parse(shortNote('{"rooms":[1,2]}'))).toEqual({ all: true });
  });
});

describe('the time up to which everything is stored', () => {
  it('is that of the leader while there is one', () => {
    let isLed = true;
    const stored = new StoredUntil(createTestClock(), () => isLed);
    expect(stored.read()).toBe(Number.POSITIVE_INFINITY);
    stored.note(5);
    expect(stored.read()).toBe(5);
    isLed = false;
    expect(stored.read()).toBe(Number.POSITIVE_INFINITY);
    isLed = true;
    stored.note(null);
    expect(stored.read()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is over when the leader says nothing for a second', async () => {
    const clock = createTestClock();
    const stored = new StoredUntil(clock, () => true);
    stored.note(5);
    await clock.advance(999);
    expect(stored.read()).toBe(5);
    stored.note(7);
    await clock.advance(999);
    expect(stored.read()).toBe(7);
    await clock.advance(1);
    expect(stored.read()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is told for two seconds after rooms were woken, and as long as something waits', async () => {
    const clock = createTestClock();
    let waitsSince = Number.POSITIVE_INFINITY;
    const told: (number | null)[] = [];
    const teller = new StoredUntilTeller(
      clock,
      () => waitsSince,
      (until) => told.push(until),
    );
    const start = clock.now();
    expect(teller.now()).toBe(start);
    await clock.advance(400);
    expect(told).toEqual([start + 200, start + 400]);
    waitsSince = start + 500;
    await clock.advance(2_000);
    expect(told.at(-1)).toBe(start + 500);
    waitsSince = Number.POSITIVE_INFINITY;
    await clock.advance(200);
    expect(told.at(-1)).toBeNull();
    const { length } = told;
    await clock.advance(5_000);
    expect(told).toHaveLength(length);
    teller.stop();
  });
});

import { describe, expect, it } from 'vitest';
import { findNamedRoom, roomText } from '../../src/rooms/named-room.ts';

const hq = { name: 'hq', address: 'matrix:#hq:a.org' };
const smoke = { name: 'Smoke', address: 'discord:1' };
const bare = { name: 'discord:2', address: 'discord:2' };

describe('a room is found', () => {
  it.each([
    ['hq', hq],
    ['HQ', hq],
    ['matrix:#hq:a.org', hq],
    ['smoke', smoke],
    ['discord:2', bare],
  ])('by %s', (word, room) => {
    expect(findNamedRoom(word, [hq, smoke, bare])).toEqual({ outcome: 'found', room });
  });

  it('by its name as it is written before the same letters in another case', () => {
    const other = { name: 'HQ', address: 'discord:3' };
    expect(findNamedRoom('hq', [hq, other])).toEqual({ outcome: 'found', room: hq });
  });
});

describe('a name that no room has', () => {
  const error = (word: string, rooms = [hq, smoke]) => {
    const found = findNamedRoom(word, rooms);
    return found.outcome === 'unknown' ? found.error : null;
  };

  it('is answered with the likeliest name, and all of them', () => {
    expect(error('smok')).toBe('there is no room "smok": did you mean Smoke? The rooms are hq, Smoke');
    expect(error('kitchen')).toBe('there is no room "kitchen": the rooms are hq, Smoke');
    expect(error('hq', [])).toBe('there is no room "hq": there are no rooms');
  });

  it('lists no more than twenty', () => {
    const rooms = Array.from({ length: 22 }, (_, at) => ({ name: `r${at}`, address: `discord:${at}` }));
    expect(error('kitchen', rooms)).toMatch(/ r19, and 2 more$/);
  });
});

it('a room without a name of its own is its address', () => {
  expect([hq, bare].map(roomText)).toEqual(['hq (matrix:#hq:a.org)', 'discord:2']);
});

import { describe, expect, it } from 'vitest';
import { roomsOf, trialKinds } from './stage-rooms.ts';

describe('the rooms of a trial', () => {
  it.each(trialKinds)('%s: have unique names, on both chats', (kind) => {
    const rooms = roomsOf(kind, { encrypts: true });
    expect(new Set(rooms.map(({ name }) => name)).size).toBe(rooms.length);
    expect(new Set(rooms.map(({ platform }) => platform))).toEqual(new Set(['discord', 'matrix']));
  });

  it('are fifty in a flood with the one for cards, half of them on each chat', () => {
    const flood = roomsOf('flood', { encrypts: false });
    const onDiscord = flood.filter(({ platform }) => platform === 'discord').length + 1;
    const onMatrix = flood.filter(({ platform }) => platform === 'matrix').length;
    expect([onDiscord, onMatrix]).toEqual([25, 25]);
  });

  it('include in both kinds some with one message per event, some that share messages, some with digests', () => {
    for (const kind of trialKinds) {
      const rooms = roomsOf(kind, { encrypts: false });
      expect(rooms.some(({ waves }) => waves === 'off')).toBe(true);
      expect(rooms.some(({ waves, shows }) => waves !== 'off' && shows === 'marks')).toBe(true);
      expect(rooms.some(({ shows }) => shows === 'digest')).toBe(true);
    }
  });
});

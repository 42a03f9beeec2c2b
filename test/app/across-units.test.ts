import { expect, it } from 'vitest';
import { isOfOthers, namedRooms } from '../../src/app/listen-to-people.ts';
import { type Share, usersOf } from '../../src/app/share.ts';
import type { Json } from '../../src/words.ts';
import { createOutboxRig } from '../support/outbox-rig.ts';

const facts: Readonly<Record<string, Json>> = {
  leader: { read: 1 },
  'account:matrix': { user: '@one:a', trouble: null, refusals: {} },
  'account:discord': { user: null, trouble: 'not logged in yet', refusals: {} },
  // An earlier version of Lookout wrote these.
  'account:matrix/old': { trouble: null, refusals: {} },
};
const users = usersOf([...Object.keys(facts), 'account:free'], (unit) => facts[unit] ?? null);

it('the users of other units are those of the accounts that are logged in', () => {
  expect([...users]).toEqual([['matrix', '@one:a']]);
});

it('an account of another unit is one of ours on its own platform', () => {
  const share = { users: () => users };
  expect(isOfOthers(share, 'matrix', '@one:a')).toBe(true);
  expect(isOfOthers(share, 'discord', '@one:a')).toBe(false);
  expect(isOfOthers(share, 'matrix', '@two:a')).toBe(false);
  expect(isOfOthers(null, 'matrix', '@one:a')).toBe(false);
});

it('people name the rooms of all units', () => {
  const here = { name: 'here', address: 'matrix:#here:a', platform: 'matrix', account: 'matrix' };
  const there = { name: 'there', address: 'discord:1', platform: 'discord', account: 'discord' };
  const gone = { ...here, name: 'gone', address: 'matrix:#gone:a' };
  const inEffect = { rooms: [here] };
  const config = () => ({ rooms: [here, there, gone] });
  const roomsOf = (share: Pick<Share, 'account'> | null) =>
    namedRooms({ share, inEffect, config } as unknown as Parameters<typeof namedRooms>[0]).map(({ name }) => name);
  expect(roomsOf({ account: 'matrix' })).toEqual(['there', 'here']);
  expect(roomsOf(null)).toEqual(['here']);
});

it('an account does not log in as the user of an account that another process works on', async () => {
  const broken: string[] = [];
  const rig = await createOutboxRig({
    usersElsewhere: () => new Map([['matrix/eu', '@bot:here']]),
    onAccountBroken: (_, reason) => broken.push(reason),
  });
  rig.outbox.start();
  await rig.clock.advance(1_000);
  expect(broken).toEqual([
    '@bot:here is logged in as the account matrix/eu already: each account needs a user of its own',
  ]);
  await rig.stop();
});

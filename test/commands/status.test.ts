import { expect, it } from 'vitest';
import { createStatus } from '../../src/commands/status.ts';

const room = {
  ...{ id: 1, name: 'smoke', address: 'matrix:#smoke:a.org', resolved: '!smoke:a.org', platform: 'matrix' },
  account: 'matrix/eu',
  ...{ timeZone: 'UTC', masksOffensive: false, wallAheadMs: 0, direct: false },
};

/** Returns the answer to `status` in a room with such an encryption. */
async function statusWith(
  encryption: string | null,
  refusal: string | null = null,
  down: string | null = null,
): Promise<string> {
  const asked: string[] = [];
  const status = createStatus({
    status: () => ({
      ...{ source: 's', lastEventAt: null, events: 0, version: '0', fleet: [], gaps: async () => [] },
      ...{ trouble: () => null, connections: () => down, refusal: () => refusal },
      async encryption(account, address) {
        asked.push(`${account} ${address}`);
        return encryption;
      },
    }),
    waiting: async () => 0,
    holding: () => [],
  });
  const asker = { id: '@a:a.org', roles: [], manages: true, power: null };
  const call = { values: {}, room, asker, about: null, pressed: false, mayChange: true, now: 0 };
  const { say } = await status.run(call);
  expect(asked).toEqual(['matrix/eu !smoke:a.org']);
  return JSON.stringify(say);
}

it('says how a room is encrypted, by the address that sends use', async () => {
  expect(await statusWith('yes, for all devices')).toContain('Encrypted: yes, for all devices');
  expect(await statusWith(null)).not.toContain('Encrypted');
});

it('says why a room takes no messages', async () => {
  expect(await statusWith(null, 'HTTP 403')).toContain('Takes no messages: HTTP 403');
});

it('says which connections of the account are down', async () => {
  expect(await statusWith(null, null, 'reads no commands on shard 1 (of 3)')).toContain(
    'Account: matrix/eu reads no commands on shard 1 (of 3)',
  );
  expect(await statusWith(null)).not.toContain('Account: ');
});

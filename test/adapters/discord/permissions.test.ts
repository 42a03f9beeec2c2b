import { describe, expect, it } from 'vitest';
import { permission, permissionsIn } from '../../../src/adapters/discord/permissions.ts';

const { viewChannel: view, sendMessages: send, embedLinks: embed, readMessageHistory: history } = permission;
const [guildId, bot, owner, red, blue] = ['100', '200', '300', '400', '500'].map((id) => `${id}00000000000000`);
const now = Date.UTC(2026, 0, 2);

interface Case {
  readonly everyone?: bigint;
  readonly redRole?: bigint;
  readonly blueRole?: bigint;
  readonly roles?: readonly unknown[];
  readonly overwrites?: readonly (readonly [id: unknown, allow: bigint, deny: bigint])[];
  readonly ownerId?: unknown;
  readonly timedOutUntil?: string | null;
}

function permissions({ everyone = 0n, redRole = 0n, blueRole = 0n, ...rest }: Case): bigint {
  return permissionsIn({
    guild: {
      id: guildId,
      owner_id: rest.ownerId ?? owner,
      roles: [
        { id: guildId, permissions: String(everyone) },
        { id: red, permissions: String(redRole) },
        { id: blue, permissions: String(blueRole) },
      ],
    },
    member: { roles: rest.roles ?? [], communication_disabled_until: rest.timedOutUntil ?? null },
    user: bot ?? '',
    overwrites: (rest.overwrites ?? []).map(([id, allow, deny]) => ({
      id,
      type: id === bot ? 1 : 0,
      allow: String(allow),
      deny: String(deny),
    })),
    now,
  });
}

describe('a member’s permissions in a channel', () => {
  it('are those of everyone and of its roles together', () => {
    expect(permissions({ everyone: view, redRole: send, blueRole: embed, roles: [red] })).toBe(view | send);
    expect(permissions({ everyone: view, redRole: send, blueRole: embed, roles: [red, blue] })).toBe(
      view | send | embed,
    );
  });

  it('are all for the owner, whatever the channel denies', () => {
    const all = permissions({ ownerId: bot, overwrites: [[bot, 0n, view | send]] });
    expect(all & (view | send | embed | history)).toBe(view | send | embed | history);
  });

  it('are all for an administrator, whatever the channel denies', () => {
    const all = permissions({ redRole: permission.administrator, roles: [red], overwrites: [[guildId, 0n, view]] });
    expect(all & (view | send)).toBe(view | send);
  });

  it('are not all because a role that it does not have is an administrator’s', () => {
    expect(permissions({ everyone: view, redRole: permission.administrator })).toBe(view);
  });

  it.each<[string, Case, bigint]>([
    ['everyone is denied', { overwrites: [[guildId, 0n, send]] }, view],
    ['everyone is denied, its role allowed', { overwrites: [[guildId, 0n, send], [red, send, 0n]] }, view | send], // biome-ignore format: one case a line
    ['the same the other way round in the list', { overwrites: [[red, send, 0n], [guildId, 0n, send]] }, view | send], // biome-ignore format: one case a line
    ['one role is denied, another allowed', { overwrites: [[red, 0n, send], [blue, send, 0n]] }, view | send], // biome-ignore format: one case a line
    ['one role is allowed, another denied', { overwrites: [[blue, send, 0n], [red, 0n, send]] }, view | send], // biome-ignore format: one case a line
    [
      'its role is allowed, itself denied',
      {
        overwrites: [
          [bot, 0n, send],
          [red, send, 0n],
        ],
      },
      view,
    ],
    [
      'its role is denied, itself allowed',
      {
        overwrites: [
          [bot, send, 0n],
          [red, 0n, send],
        ],
      },
      view | send,
    ],
    ['a role that it does not have is denied', { roles: [red], overwrites: [[blue, 0n, send]] }, view | send],
    ['somebody else is denied', { overwrites: [['99900000000000000', 0n, send]] }, view | send],
  ])('follow the channel where %s', (_, given, expected) => {
    expect(permissions({ everyone: view | send, roles: [red, blue], ...given })).toBe(expected);
  });

  it('are only to see and to read while it is timed out', () => {
    const given = { everyone: view | send | embed | history };
    expect(permissions({ ...given, timedOutUntil: '2026-01-02T00:00:01.000000+00:00' })).toBe(view | history);
    expect(permissions({ ...given, timedOutUntil: '2026-01-01T23:59:59.000000+00:00' })).toBe(given.everyone);
  });

  it('are not touched by a time-out where it is the owner or an administrator', () => {
    const timedOutUntil = '2027-01-01T00:00:00.000000+00:00';
    expect(permissions({ ownerId: bot, timedOutUntil }) & send).toBe(send);
    expect(permissions({ everyone: permission.administrator, timedOutUntil }) & send).toBe(send);
  });

  it('keep the bits above those that a number holds', () => {
    expect(permissions({ everyone: permission.sendMessagesInThreads | (1n << 60n) })).toBe(
      permission.sendMessagesInThreads | (1n << 60n),
    );
  });

  it('are none where Discord’s answer is nonsense', () => {
    const guild = { id: guildId, roles: [null, 7, { id: guildId, permissions: 'all' }] };
    expect(permissionsIn({ guild, member: {}, user: bot ?? '', overwrites: [null, { id: guildId }], now })).toBe(0n);
  });
});

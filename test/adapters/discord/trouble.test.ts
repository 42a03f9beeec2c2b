import { describe, expect, it } from 'vitest';
import type { LimitScope, Refused } from '../../../src/adapters/discord/exchange.ts';
import { troubleOf } from '../../../src/adapters/discord/trouble.ts';

const api = 'https://discord.com/api';
const refused = (status: number, code: number | null, rest: Partial<Refused> = {}): Refused => ({
  kind: 'refused',
  status,
  isDiscords: code !== null,
  code,
  text: code === null ? '' : 'because',
  scope: null,
  retryAfterMs: null,
  ...rest,
});

describe('what a failed exchange means', () => {
  it.each<[number, number | null, string]>([
    [401, 0, 'account'],
    [401, 50014, 'account'],
    [403, 40002, 'account'],
    [403, 50178, 'account'],
    [404, 10003, 'room'],
    [404, 10004, 'room'],
    [404, 10007, 'room'],
    [403, 40007, 'room'],
    [400, 40058, 'room'],
    [403, 50001, 'room'],
    [403, 50007, 'room'],
    [400, 50008, 'room'],
    [403, 50009, 'room'],
    [403, 50013, 'room'],
    [400, 50024, 'room'],
    [400, 50083, 'room'],
    [403, 160005, 'room'],
    [400, 160005, 'room'],
    [400, 160006, 'room'],
    [400, 160007, 'room'],
    [403, 0, 'room'],
    [403, 77777, 'room'],
    [404, 0, 'room'],
    [404, 10008, 'message'],
    [403, 20009, 'message'],
    [429, 30046, 'message'],
    [400, 30046, 'message'],
    [413, 40005, 'message'],
    [400, 50006, 'message'],
    [400, 50035, 'message'],
    [400, 50109, 'message'],
    [400, 200000, 'message'],
    [403, 200000, 'message'],
    [400, 240000, 'message'],
    [400, 0, 'message'],
    [409, 77777, 'message'],
    [413, null, 'message'],
    [429, 0, 'limited'],
    [429, 20016, 'limited'],
    [429, 20022, 'limited'],
    [429, 20028, 'limited'],
    [403, 20029, 'limited'],
    [400, 40003, 'limited'],
    [429, 40062, 'limited'],
    [403, 40004, 'limited'],
    [403, 40006, 'limited'],
    [403, 40333, 'limited'],
    [403, 110001, 'limited'],
    [400, 130000, 'limited'],
    [429, null, 'limited'],
    [301, null, 'notDiscord'],
    [400, null, 'notDiscord'],
    [401, null, 'notDiscord'],
    [403, null, 'notDiscord'],
    [404, null, 'notDiscord'],
    [405, 0, 'notDiscord'],
    [407, null, 'notDiscord'],
    [408, null, 'unclear'],
    [500, 0, 'unclear'],
    [502, null, 'unclear'],
    [503, 130000, 'unclear'],
    [503, 50013, 'unclear'],
    [522, null, 'unclear'],
  ])('%i with code %s is %s', (status, code, kind) => {
    expect(troubleOf(refused(status, code), api).kind).toBe(kind);
  });

  it.each<[string, LimitScope | null, number | null, string]>([
    ['the bot’s own bucket, which is a channel’s', 'user', 0, 'room'],
    ['what all share who write there', 'shared', 0, 'room'],
    ['everything that the bot does', 'global', 0, 'account'],
    ['an address that is banned', null, 0, 'account'],
    ['an address that Cloudflare holds off', null, null, 'account'],
    ['slow mode, without a header', null, 20016, 'room'],
    ['writing in the channel, without a header', null, 20028, 'room'],
  ])('lets a limit on %s reach as far as it does', (_, scope, code, reach) => {
    const trouble = troubleOf(refused(429, code, { scope, retryAfterMs: 7_000 }), api);
    expect(trouble).toMatchObject({ kind: 'limited', scope: reach, waitMs: 7_000 });
  });

  it.each<[number, number | null, LimitScope | null]>([
    [429, 0, 'user'],
    [429, 0, 'shared'],
    [429, 0, 'global'],
    [429, 0, null],
    [429, null, null],
    [429, 20016, null],
    [403, 40004, null],
    [502, null, null],
    [403, null, null],
  ])('waits a second at least where a %i with code %s and scope %s does not say how long', (status, code, scope) => {
    const trouble = troubleOf(refused(status, code, { scope }), api);
    expect('waitMs' in trouble && trouble.waitMs).toBeGreaterThanOrEqual(1_000);
  });

  it('holds everything back for a wrong URL, one message alone for a proxy that dislikes it', () => {
    for (const status of [301, 401, 404, 405, 407])
      expect(troubleOf(refused(status, null), api)).toMatchObject({ scope: 'account' });
    for (const status of [400, 403, 406])
      expect(troubleOf(refused(status, null), api)).toMatchObject({ scope: 'message' });
  });

  it('of what certainly never left is that Discord cannot be reached', () => {
    const trouble = troubleOf({ kind: 'unanswered', written: false, text: 'connect ECONNREFUSED' }, api);
    expect(trouble).toMatchObject({ kind: 'unreachable', reason: `cannot reach ${api}: connect ECONNREFUSED` });
  });

  it('of what may have left is that it may have been done', () => {
    expect(troubleOf({ kind: 'unanswered', written: true, text: 'reset' }, api).kind).toBe('unclear');
  });

  it('of what we held back ourselves is a limit', () => {
    expect(troubleOf({ kind: 'held', scope: 'room', waitMs: 300, text: 'used up' }, api)).toEqual({
      kind: 'limited',
      scope: 'room',
      waitMs: 300,
      reason: 'used up',
    });
  });

  it('says what Discord said, and what to do', () => {
    expect(troubleOf(refused(401, 0, { text: '401: Unauthorized' }), api)).toEqual({
      kind: 'account',
      reason:
        '401: Unauthorized (Discord does not know the token: copy a new one from the Bot page of the application)',
    });
    expect(troubleOf(refused(404, 10003, { text: 'Unknown Channel' }), api)).toEqual({
      kind: 'room',
      isKnown: true,
      reason: 'there is no such channel or thread (404 10003: Unknown Channel)',
    });
  });
});

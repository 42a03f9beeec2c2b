import { describe, expect, it } from 'vitest';
import type { Failure } from '../../../src/adapters/matrix/exchange.ts';
import { troubleOf } from '../../../src/adapters/matrix/trouble.ts';

const home = 'https://matrix.example.org';
const refused = (status: number, code: string | null, retryAfterMs: number | null = null): Failure => ({
  kind: 'refused',
  status,
  code,
  text: 'because',
  retryAfterMs,
});

describe('what a failed exchange means', () => {
  it.each<[number, string | null, string]>([
    [400, 'M_BAD_JSON', 'invalid'],
    [400, 'M_INVALID_PARAM', 'invalid'],
    [413, 'M_TOO_LARGE', 'invalid'],
    [413, null, 'invalid'],
    [401, 'M_UNKNOWN_TOKEN', 'account'],
    [401, 'M_MISSING_TOKEN', 'account'],
    [401, null, 'account'],
    [403, 'M_USER_DEACTIVATED', 'account'],
    [403, 'M_USER_SUSPENDED', 'account'],
    [401, 'M_USER_LOCKED', 'account'],
    [403, 'M_CONSENT_NOT_GIVEN', 'account'],
    [403, 'M_FORBIDDEN', 'forbidden'],
    [403, 'M_GUEST_ACCESS_FORBIDDEN', 'forbidden'],
    [403, 'M_RESOURCE_LIMIT_EXCEEDED', 'limited'],
    [404, 'M_NOT_FOUND', 'missing'],
    [429, 'M_LIMIT_EXCEEDED', 'limited'],
    [429, null, 'limited'],
    [404, 'M_UNRECOGNIZED', 'notMatrix'],
    [405, 'M_UNRECOGNIZED', 'notMatrix'],
    [404, null, 'notMatrix'],
    [403, null, 'notMatrix'],
    [400, null, 'notMatrix'],
    [301, null, 'notMatrix'],
    [408, null, 'unclear'],
    [500, 'M_UNKNOWN', 'unclear'],
    [502, null, 'unclear'],
    [503, 'M_UNKNOWN', 'unclear'],
    [504, null, 'unclear'],
  ])('%i %s is %s', (status, code, kind) => {
    expect(troubleOf(refused(status, code), home).kind).toBe(kind);
  });

  it('of what certainly never left is that the homeserver cannot be reached', () => {
    const trouble = troubleOf({ kind: 'unanswered', written: false, text: 'connect ECONNREFUSED' }, home);
    expect(trouble).toMatchObject({ kind: 'unreachable', reason: `cannot reach ${home}: connect ECONNREFUSED` });
  });

  it('of what may have left is that it may have been done', () => {
    expect(troubleOf({ kind: 'unanswered', written: true, text: 'reset' }, home).kind).toBe('unclear');
  });

  it('holds everything back for a wrong URL, one message alone for a proxy that dislikes it', () => {
    expect(troubleOf(refused(404, null), home)).toMatchObject({ everywhere: true });
    expect(troubleOf(refused(301, null), home)).toMatchObject({ everywhere: true });
    expect(troubleOf(refused(403, null), home)).toMatchObject({ everywhere: false });
  });

  it.each<[number, string | null]>([
    [429, 'M_LIMIT_EXCEEDED'],
    [503, null],
    [404, null],
  ])('keeps the wait that a %i names', (status, code) => {
    expect(troubleOf(refused(status, code, 42_000), home)).toMatchObject({ waitMs: 42_000 });
  });

  it('says what the homeserver said, and what to do', () => {
    expect(troubleOf(refused(401, 'M_UNKNOWN_TOKEN'), home)).toEqual({
      kind: 'account',
      reason: '401 M_UNKNOWN_TOKEN: because (the homeserver does not know the access token: get a new one)',
    });
  });
});

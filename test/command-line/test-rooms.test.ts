import { expect, it } from 'vitest';
import { sayTested } from '../../src/command-line/test-rooms.ts';
import type { TestResult } from '../../src/control/test-message.ts';

/** Returns the exit code and all that is printed of a result. */
function said(result: TestResult, kept: 'running' | 'stored' | 'lost' = 'running', json = false): string {
  let text = '';
  const write = (mark: string) => (some: string) => {
    text += `${mark}${some}`;
  };
  const tested = { room: 'hq', address: 'matrix:#hq:a.org', ...result };
  return `${sayTested(tested, { json, kept }, { out: write(''), err: write('! ') })} ${text}`;
}

it('names the room, and leads to an accepted message', () => {
  const accepted = { outcome: 'accepted', id: '$a', tookMs: 230 } as const;
  expect(said({ ...accepted, link: 'https://m.to/$a' })).toBe(
    '0 hq (matrix:#hq:a.org): accepted after 0.2 s: https://m.to/$a\n',
  );
  expect(said({ ...accepted, link: null })).toMatch(/: message \$a\n$/);
});

it('says where a message waits that was not sent', () => {
  const refused = { outcome: 'refused', reason: 'HTTP 403' } as const;
  expect(said(refused)).toMatch(/^1 ! hq .*: takes no messages: HTTP 403\nIt waits like every message,.*--online/);
  expect(said({ outcome: 'waits', reason: 'r', tookMs: 20_000 }, 'stored')).toMatch(/: r\nIt waits in the store, and /);
  expect(said(refused, 'lost')).toContain('It is given up, since `store: memory` keeps nothing.');
});

it('says how a mute that keeps it back is ended', () => {
  expect(said({ outcome: 'muted', reason: 'muted as a whole', mute: 'm4' })).toContain('`lookout mutes end m4`');
});

it('is one JSON document, whatever the result', () => {
  const text = said({ outcome: 'rejected', reason: 'HTTP 400' }, 'running', true);
  expect(JSON.parse(text.slice(2))).toEqual({
    ...{ room: 'hq', address: 'matrix:#hq:a.org' },
    ...{ outcome: 'rejected', reason: 'HTTP 400' },
  });
});

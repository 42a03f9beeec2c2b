import { expect, it } from 'vitest';
import { describeLoss } from '../../../src/inputs/source/loss.ts';

it('shortens texts of the server and removes their control characters', () => {
  const text = `bye\u001b[2J\r\n\u202e${'x'.repeat(400)}`;
  const words = describeLoss({ kind: 'closed', code: 4000, text });
  expect(words).toMatch(/^the server closed the connection \(code 4000, "bye \[2J x+…"\)$/);
  expect(words.length).toBeLessThan(250);
});

it.each([
  [403, 'HTTP 403 instead of opening a WebSocket (is source.url right?)'],
  [429, 'HTTP 429 instead of opening a WebSocket (too many connections)'],
  [503, 'HTTP 503 instead of opening a WebSocket (it is down, restarting or overloaded)'],
])('gives HTTP %i a meaning', (status, words) => {
  expect(describeLoss({ kind: 'http', status })).toContain(words);
});

it('says that the server asked not to reconnect', () => {
  const loss = { kind: 'disconnected', reason: 'remote', reconnect: false } as const;
  expect(describeLoss(loss)).toMatch(/"remote" and asked not to reconnect$/);
});

it('names a host that DNS does not know', () => {
  const loss = { kind: 'unreachable', code: 'ENOTFOUND', text: 'getaddrinfo ENOTFOUND nowhere.invalid' } as const;
  expect(describeLoss(loss)).toBe('the server cannot be reached: DNS does not know its name (ENOTFOUND)');
});

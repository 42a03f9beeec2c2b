import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from '../src/log.ts';
import { Secret } from '../src/secret.ts';

const secret = new Secret('hu"sh/me', 'the test');

/** What a log wrote while `work` used it. */
function written(options: Partial<LogOptions>, work: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  work(createLog({ write, forPeople: false, color: false, level: 'info', secrets: () => [secret], ...options }));
  return lines;
}

describe('the log', () => {
  it('writes one JSON object a line for programs', () => {
    const lines = written({}, (log) => log.info({ room: 'hq' }, 'hello'));
    expect(lines.map((line) => line.endsWith('\n'))).toEqual([true]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ room: 'hq', msg: 'hello', level: 30 });
  });

  it.each(['info', 'debug'] as const)('writes whole lines for people, with what went wrong, at level %s', (level) => {
    const lines = written({ forPeople: true, level }, (log) => {
      log.info({ room: 'hq' }, 'hello');
      log.error({ err: new Error('the disk is full') }, 'it failed');
    });
    expect(lines.map((line) => line.endsWith('\n'))).toEqual([true, true]);
    expect(lines[1]).toContain('it failed (the disk is full)');
    expect(lines[0]?.includes('hq')).toBe(level === 'debug');
  });

  it.each([
    ['as it is', secret.reveal()],
    ['in JSON', JSON.stringify({ key: secret.reveal() })],
    ['in an address', `https://a.b/?key=${encodeURIComponent(secret.reveal())}`],
  ])('says no secret, also one that is %s', (_how, text) => {
    const log = (to: ReturnType<typeof createLog>) => {
      to.info({ field: text, err: new Error(text) }, text);
    };
    for (const forPeople of [true, false]) {
      const [line = ''] = written({ forPeople, level: 'debug' }, log);
      expect(line).toContain('[secret]');
      expect(line).not.toMatch(/hu\\*"sh|hu%22sh/);
    }
  });

  it('shows nothing of a secret that is printed by accident', () => {
    expect([`${secret}`, JSON.stringify({ secret })]).toEqual(['[secret]', '{"secret":"[secret]"}']);
  });
});

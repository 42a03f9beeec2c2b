import { describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from '../src/log.ts';
import { Secret } from '../src/secrets/secret.ts';

const secret = new Secret('hu"sh/me', 'the test');

/** Returns the lines that a log wrote during `work`. */
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

  it.each(['info', 'debug'] as const)('writes whole lines for people, with the error, at level %s', (level) => {
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
  ])('contains no secret, even one that is %s', (_how, text) => {
    const log = (to: ReturnType<typeof createLog>) => {
      to.info({ field: text, err: new Error(text) }, text);
    };
    for (const forPeople of [true, false]) {
      const [line = ''] = written({ forPeople, level: 'debug' }, log);
      expect(line).toContain('[secret]');
      expect(line).not.toMatch(/hu\\*"sh|hu%22sh/);
    }
  });

  describe.each(['hu"sh/me', 'xoxb-7\u00e9Zz?~>', 'QmFzZTY0LmlzLm5vdC5lbmNyeXB0aW9u.Yz?~'])(
    'with the secret %j',
    (value) => {
      it.each([
        ['in hex', 'hex', (text: string) => text],
        ['in HEX', 'hex', (text: string) => text.toUpperCase()],
        ['in Base64', 'base64', (text: string) => text],
        ['in Base64 in an address', 'base64', encodeURIComponent],
        ['in base64url', 'base64url', (text: string) => text],
      ] as const)('removes it %s, at any place of the encoded text', (_how, encoding, then) => {
        const held = new Secret(value, 'the test');
        for (const before of ['', 'a', 'ab', 'abc'])
          for (const after of ['', 'z', 'zy', 'zyx']) {
            const encoded = then(Buffer.from(`${before}${value}${after}`).toString(encoding));
            const [line = ''] = written({ secrets: () => [held] }, (log) => log.info({}, `Basic ${encoded}`));
            const said = (JSON.parse(line) as { msg: string }).msg.replace('Basic ', '');
            const left = decodeURIComponent(said).split('[secret]');
            expect(left, encoded).toHaveLength(2);
            // The text around it, and at most one character on each side that shares bits with it.
            const most = (text: string) => Math.ceil((Buffer.byteLength(text) * 8) / 4) + 3;
            expect(
              [left[0]?.length ?? 0, left[1]?.length ?? 0].map((n, side) => n <= most([before, after][side] ?? '')),
            ).toEqual([true, true]);
          }
      });
    },
  );

  it('removes a short secret only unencoded, because its encoded forms occur in ordinary words', () => {
    const short = new Secret('abc', 'the test');
    const [line = ''] = written({ secrets: () => [short] }, (log) => log.info({}, 'YWJj and abc'));
    expect((JSON.parse(line) as { msg: string }).msg).toBe('YWJj and [secret]');
  });

  it('shows nothing of a secret that is printed by accident', () => {
    expect([`${secret}`, JSON.stringify({ secret })]).toEqual(['[secret]', '{"secret":"[secret]"}']);
  });
});

import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ansiToHtml } from '../../../src/adapters/console/ansi-to-html.ts';

const paint = (style: Parameters<typeof styleText>[0], text: string) =>
  styleText(style, text, { validateStream: false });

describe('ansiToHtml', () => {
  it('makes a line of each line, with any line end', () => {
    expect(ansiToHtml('a\r\n\r\nb\n')).toBe('<div>a</div><div>&nbsp;</div><div>b</div>');
  });

  it('shows text as text', () => {
    expect(ansiToHtml('<b> & "x"')).toBe('<div>&lt;b&gt; &amp; &quot;x&quot;</div>');
  });

  it('keeps every style that is on, and ends each separately', () => {
    const line = paint(['bold', 'gray'], `a${paint('blue', 'b')}`) + paint(['dim', 'underline'], 'c');
    expect(ansiToHtml(`${line}d`)).toBe(
      '<div><span class="bold bright-black">a</span><span class="bold blue">b</span>' +
        '<span class="dim underline">c</span>d</div>',
    );
  });

  it('keeps a style over the end of a line', () => {
    expect(ansiToHtml('\u001b[31ma\nb\u001b[0mc')).toBe(
      '<div><span class="red">a</span></div><div><span class="red">b</span>c</div>',
    );
  });

  it('gives bars and emoji separate cells', () => {
    expect(ansiToHtml('▌ 🚨│')).toBe(
      '<div><span class="bar"></span> <span class="wide">🚨</span><span class="rule"></span></div>',
    );
  });

  it.each([
    ['another control sequence', '\u001b[2J'],
    ['a link', '\u001b]8;;https://prize.example\u0007'],
    ['a bell', 'a\u0007'],
    ['a carriage return inside of a line', 'a\rb'],
    ['a line separator', 'a\u2028b'],
    ['a look that we never send', '\u001b[38;5;1ma'],
  ])('refuses %s', (_, screen) => {
    expect(() => ansiToHtml(screen)).toThrow(/^the terminal got /);
  });
});

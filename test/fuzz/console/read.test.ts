import { afterAll, describe, expect, it } from 'vitest';
import { openScreen } from './read.ts';

const screen = openScreen();
afterAll(() => screen.close());

describe('a terminal', () => {
  it('shows text in its styles, line by line, even if it was written to before', async () => {
    await screen.read('\u001b[1mbefore\n\n\n');
    const [{ runs, dangers }] = await screen.read(
      '\u001b[1ma\u001b[22m b \u001b[34m\u001b[4mc\u001b[24m\u001b[39m\n漢 e\u0301 👩\n',
    );
    expect(dangers).toEqual([]);
    expect(runs.map(({ text, path }) => [text, path[0]])).toEqual([
      ['a', 'bold'],
      [' b ', ''],
      ['c', 'underline colour 4'],
      ['\n漢 e\u0301 👩\n', ''],
    ]);
  });

  it.each([
    ['a cursor that moves', '\u001b[2A'],
    ['a cursor that jumps', '\u001b[H'],
    ['an erased screen', '\u001b[2J'],
    ['another screen', '\u001b[?1049h'],
    ['an 8-bit sequence', '\u009b2J'],
    ['a reset', '\u001bc'],
    ['a saved cursor', '\u001b7'],
    ['a title', '\u001b]0;evil\u0007'],
    ['a title that ends in 8 bits', '\u009d2;evil\u009c'],
    ['a link', '\u001b]8;;https://evil.com\u001b\\a\u001b]8;;\u001b\\'],
    ['the clipboard', '\u001b]52;c;AAAA\u0007'],
    ['a notification', '\u001b]9;evil\u0007'],
    ['a device string', '\u001bP1$r0m\u001b\\'],
    ['a bell', '\u0007'],
    ['a question', '\u001b[c'],
    ['another character set', '\u001b(0'],
  ])('reports that it was %s', async (_, text) => {
    const [{ dangers }] = await screen.read(`a${text}b\n`);
    expect(dangers).not.toEqual([]);
  });

  it.each([
    ['hidden', '\u001b[8m', 'invisible'],
    ['blinking', '\u001b[5m', 'blink'],
    ['inverse', '\u001b[7m', 'inverse'],
    ['red', '\u001b[31m', 'colour 1'],
  ])('tells %s text', async (_, sequence, style) => {
    const [{ runs }] = await screen.read(`${sequence}a\n`);
    expect(runs[0]).toMatchObject({ text: 'a', path: [style] });
  });

  it('shows the rest where one text was written over another', async () => {
    const [over, back] = await screen.read('spam\rham\n', 'spam\b\b\n');
    expect([over.runs[0]?.text, back.runs[0]?.text]).toEqual(['hamm\n', 'spam\n']);
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/render/message.ts';
import { openScreen } from './console/read.ts';
import type { Case } from './hostile-case.ts';
import { complaintsOf, type Formats } from './property.ts';
import { textOf } from './reading.ts';
import { readTree } from './tree.ts';

const screen = openScreen();
afterAll(() => screen.close());

function caseOf(title: string): Case {
  const object = { id: 1, title, username: 'a', why: 'b', body: 'c' };
  return {
    message: { event_type: 'create', event_class: 'Post', object },
    template: 'parts',
    origin: 'live',
    width: 100,
  };
}

/** Inserts texts without escaping them, as a naive adapter would. */
const textIn = (message: Message) => textOf(readTree(message));
const naive: Formats = {
  discord: (message) => JSON.stringify({ content: textIn(message), allowed_mentions: { parse: [] } }),
  matrix: (message) => {
    const [body, off] = [textIn(message), { 'm.mentions': {}, 'com.beeper.linkpreviews': [] }];
    return JSON.stringify({ msgtype: 'm.notice', body, formatted_body: body, ...off });
  },
  console: (message) =>
    `${textIn(message).replaceAll(/⟦U\+00(..)⟧/g, (_, hex) => String.fromCharCode(Number(`0x${hex}`)))}\n`,
};

async function kinds(title: string, formats?: Formats): Promise<readonly string[]> {
  return [...new Set((await complaintsOf(caseOf(title), screen, formats)).map(({ kind }) => kind))];
}

describe('the property', () => {
  it.each([
    ['discord plain: mention', '@everyone'],
    ['discord plain: mention', '<@&123>'],
    ['discord plain: command', '</cmd:1>'],
    ['discord plain: navigation', '<id:customize>'],
    ['discord plain: timestamp', '<t:0:R>'],
    ['discord plain: emoji', ':smile:'],
    ['discord plain: invitation', 'discord.gg/abc'],
    ['discord plain: link', 'https://evil.com'],
    ['discord plain: link', 'steam://run/1'],
    ['discord plain: text', '[a](https://evil.com)'],
    ['discord plain: text', '**a**'],
    ['discord plain: text', '||a||'],
    ['discord plain: text', '`a`'],
    ['discord plain: text', '> a'],
    ['discord plain: payload', 'x'.repeat(2_000)],
    ['matrix: linked', 'evil.com'],
    ['matrix: linked', '@user:server'],
    ['matrix: linked', '@room '],
    ['matrix: text', '<b>a</b>'],
    ['matrix: text', '&lt;'],
    ['matrix: the', '<img src=x>'],
    ['matrix: link', '<a href="https://evil.com">a</a>'],
    ['console: the', '\u001b[2J'],
    ['console: the', '\u001b]0;title\u0007'],
    ['console: the', '\u001b]8;;https://evil.com\u001b\\'],
    ['console: a', '\u0007'],
    ['console: text', '\u001b[8mhidden'],
    ['console: text', 'spam\b\b\b\bham'],
  ])('complains of "%s" if %j is inserted unescaped, but not for Lookout', async (kind, title) => {
    expect(await kinds(title, naive)).toContain(kind);
    expect(await kinds(title)).toEqual([]);
  });

  it('has no complaints if the text is harmless', async () => {
    expect(await kinds('word', naive)).toEqual([]);
  });
});

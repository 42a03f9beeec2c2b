import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SendAction } from '../../../src/adapters/adapter.ts';
import { createConsoleAdapter } from '../../../src/adapters/console/console-adapter.ts';
import { textWidth } from '../../../src/adapters/console/text-width.ts';
import type { Block, Inline, Message } from '../../../src/render/message.ts';
import { typed } from '../../../src/render/say.ts';
import { systemClock } from '../../../src/time/clock.ts';
import { hostile } from '../../render/hostile.ts';
import { fill } from '../../render/support.ts';
import { createListener } from '../../support/listener.ts';

const never = new AbortController().signal;
const link = 'https://metasmoke.erwaysoftware.com/post/123';

function messageOf(more: Partial<Message>): Message {
  return { title: null, url: null, color: null, body: [], fields: [], footer: null, image: null, link: null, ...more };
}

const say = (text: string): readonly Inline[] => [{ kind: 'text', text }];
const paragraph = (...children: readonly Inline[]): Block => ({ kind: 'paragraph', children });

function payload(message: Message, width = 60): string {
  return createConsoleAdapter({ input: null, clock: systemClock, write: async () => {}, color: true, width }).format(
    message,
    'key',
    'demo',
  );
}

/** The lines without their colours, less the bar before each. */
function lines(message: Message, width = 60): readonly string[] {
  const all = stripVTControlCharacters(payload(message, width)).trimEnd().split('\n');
  for (const one of all) expect(one).toMatch(/^▌ /);
  return all.map((one) => one.slice(2));
}

async function sent(message: Message, color: boolean): Promise<string> {
  let out = '';
  const adapter = createConsoleAdapter({
    input: null,
    clock: systemClock,
    color,
    async write(text) {
      out += text;
    },
  });
  const result = await adapter.send(
    { room: 'demo', key: 'key', payload: adapter.format(message, 'key', 'demo') },
    never,
  );
  expect(result).toEqual({ outcome: 'sent', platformId: 'key' });
  return out;
}

describe('a message on the console', () => {
  it('names commands with the room that they are for, unless that is meant without a name', async () => {
    const adapter = createConsoleAdapter({ input: null, clock: systemClock, color: false, write: async () => {} });
    adapter.listen(createListener({ rooms: ['demo', 'hq'] }));
    const message = messageOf({ body: [paragraph(typed('show held m1'))] });
    expect(adapter.format(message, 'key', 'demo')).toContain('/show held m1');
    expect(adapter.format(message, 'key', 'hq')).toContain('/hq show held m1');
    expect(adapter.together([message], 'key', 'hq').payload).toContain('/hq show held m1');
  });

  it('shows its parts from top to bottom, each address where it can be read and copied', () => {
    const message = fill(
      `---
title: '{{object.title}}'
fields:
  - { name: Site, value: '{{object.site}}', inline: true }
  - { name: Reputation, value: '1', inline: true }
  - { name: Long, value: 'a field of its own line' }
image: 'https://cdn.sstatic.net/a.png'
footer: 'late'
---
# Heading

**bold** _em_ ~~gone~~ \`code\` ||secret||
[the post]({{object.link}}) and [stackoverflow.com/a/1]({{object.link}})

> quote
> more

- a
- b

1. one
2. two

\`\`\`
if (x) {
  y
}
\`\`\`

---
`,
      { title: 'Title', site: 'travel', link: '//stackoverflow.com/a/1' },
    );
    expect(lines(message)).toEqual([
      `Title ${link}`,
      'Heading',
      'bold em gone code [spoiler: secret]',
      'the post <https://stackoverflow.com/a/1> and',
      'https://stackoverflow.com/a/1',
      '│ quote',
      '│ more',
      '• a',
      '• b',
      '1. one',
      '2. two',
      '  if (x) {',
      '    y',
      '  }',
      '────────',
      'Site: travel · Reputation: 1',
      'Long: a field of its own line',
      'image https://cdn.sstatic.net/a.png',
      'late',
    ]);
  });

  it('adds the link to metasmoke where nothing shows it', () => {
    expect(lines(messageOf({ body: [paragraph(...say('a'))], link }))).toEqual(['a', link]);
    expect(lines(messageOf({ title: say('a'), url: link, link }))).toEqual([`a ${link}`]);
    expect(lines(messageOf({ body: [paragraph({ kind: 'link', url: link, children: say('a') })], link }))).toEqual([
      `a <${link}>`,
    ]);
  });

  it('says so where there is nothing to show', () => {
    expect(lines(messageOf({}))).toEqual(['(no text)']);
  });

  it('is wrapped between words, inside quotes and lists too', () => {
    const words = 'one two three four five six seven eight nine ten';
    expect(lines(messageOf({ body: [paragraph(...say(words))] }), 30)).toEqual([
      'one two three four five six',
      'seven eight nine ten',
    ]);
    const quote: Block = {
      kind: 'quote',
      children: [{ kind: 'list', ordered: false, items: [[paragraph(...say(words))]] }],
    };
    expect(lines(messageOf({ body: [quote] }), 31)).toEqual([
      '│ • one two three four five',
      '│   six seven eight nine ten',
    ]);
  });

  it('breaks a word that is longer than a line, but never an address', () => {
    expect(lines(messageOf({ body: [paragraph(...say(`a ${'b'.repeat(40)}`))] }), 30)).toEqual([
      'a',
      'b'.repeat(27),
      'b'.repeat(13),
    ]);
    expect(lines(messageOf({ title: say('Title'), url: link, link }), 30)).toEqual(['Title', link]);
  });

  it('does not break an address that is written as text or code', () => {
    const address = `https://example.org/${'a'.repeat(80)}`;
    const message = messageOf({
      body: [paragraph(...say(`see ${address} there`)), paragraph({ kind: 'code', text: address })],
    });
    expect(lines(message, 40)).toEqual(['see', address, 'there', address]);
  });

  it('has no text in a colour that is hard to read on a light or a dark background', () => {
    const text = payload(fill('# H\n`code` ~~a~~ [x](https://stackoverflow.com/a/1) **b**\n\n```\nx\n```\n', {}), 60);
    const colours = text
      .split('\u001b[')
      .filter((piece) => !piece.includes('▌'))
      .flatMap((piece) => /^(3[0-7]|9[0-7])m/.exec(piece)?.[1] ?? []);
    expect(new Set(colours)).toEqual(new Set(['35']));
  });

  it('fits the width, whatever the characters', () => {
    for (const text of ['你好'.repeat(60), '👩🏽‍🚀 '.repeat(60), 'é'.repeat(100), `${'a\u0301'.repeat(100)} 한국어`]) {
      for (const one of lines(messageOf({ title: say(text), body: [paragraph(...say(text))] }), 40)) {
        expect(textWidth(one)).toBeLessThanOrEqual(38);
      }
    }
  });

  it('is cut after forty lines, and keeps its link', () => {
    const long: Block = { kind: 'codeBlock', text: Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n') };
    const shown = lines(messageOf({ body: [long], link }));
    expect(shown.slice(39)).toEqual(['  line 39…', link]);
  });

  it('has a bar in the nearest colour that every terminal has', () => {
    const bar = (color: string | null) => payload(messageOf({ color })).slice(0, 5);
    expect(['#ff0000', '#f0883e', '#3fb950', '#58a6ff', '#a371f7'].map(bar)).toEqual(
      [31, 33, 32, 34, 35].map((code) => `\u001b[${code}m`),
    );
    expect([null, '#888888', '#000000'].map(bar)).toEqual(Array(3).fill('\u001b[90m'));
  });
});

describe('what is done with a message', () => {
  async function doing(action: SendAction, text: string) {
    const out: string[] = [];
    const adapter = createConsoleAdapter({
      input: null,
      clock: systemClock,
      color: false,
      write: async (piece) => void out.push(piece),
    });
    return { result: await adapter.send({ room: 'demo', key: 'key', payload: text, action }, never), out };
  }

  it.each(['reply', 'thread'] as const)('is printed as any message: a %s', async (kind) => {
    const { result, out } = await doing({ kind, target: 'first' }, 'hello');
    expect(result).toEqual({ outcome: 'sent', platformId: 'key' });
    expect(out).toEqual(['demo\nhello\n']);
  });

  it.each(['edit', 'react'] as const)('comes too late, so that it can come as a message: %s', async (kind) => {
    const { result, out } = await doing({ kind, target: 'first' }, '✅');
    expect(result).toMatchObject({ outcome: 'rejected', target: 'tooOld' });
    expect(out).toEqual([]);
  });

  it('is nothing where a reaction is taken away that never was there', async () => {
    const { result, out } = await doing({ kind: 'redact', target: 'first' }, '');
    expect(result).toEqual({ outcome: 'sent', platformId: 'first' });
    expect(out).toEqual([]);
  });

  it('names those whom a message is for as they are written, and rings no bell', () => {
    const mentions = ['@alice:example.org', 'b\u0007\u001b]0;owned'].map((id) => ({ kind: 'user', id }) as const);
    const adapter = createConsoleAdapter({ input: null, clock: systemClock, write: async () => {}, color: true });
    const message = messageOf({ body: [paragraph(...say('hello'))] });
    for (const made of [
      adapter.format(message, 'key', 'demo', mentions),
      adapter.together([message], 'key', 'demo', mentions).payload,
    ])
      expect(stripVTControlCharacters(made)).toBe('@alice:example.org b⟦U+0007⟧⟦U+001B⟧]0;owned\n▌ hello\n');
    expect(adapter.format(message, 'key', 'demo', [])).toBe(adapter.format(message, 'key', 'demo'));
  });
});

describe('what an event holds', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not come through
  const controls = /[\x00-\x09\x0b-\x1f\x7f-\x9f]/;
  /** What `styleText` writes: colours and styles, nothing that moves the cursor or names a link. */
  // biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with one
  const styles = /\u001b\[\d{1,3}m/g;
  const source = `---
title: '{{object.x}}'
fields: [{ name: '{{object.x}}', value: '{{object.x}}' }]
footer: '{{object.x}}'
---
{{object.x}} **{{object.x}}** \`{{object.x}}\` [{{object.x}}]({{object.link}}) [a]({{object.x}}) ||{{object.x}}||

> - {{lines object.x}}

\`\`\`
{{object.x}}
\`\`\`

{{{object.x}}}
`;

  it('reaches the terminal without a control character, in colour and without', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, async (x) => {
        const message = fill(source, { x, link: '//stackoverflow.com/a/1' });
        expect((await sent(message, true)).replace(styles, '')).not.toMatch(controls);
        expect(await sent(message, false)).not.toMatch(controls);
      }),
      { numRuns: 200 },
    );
  });

  it('stays harmless where a message was not made by a template', async () => {
    const hidden = '\u001b]0;owned\u0007\u202e\n\ud83d';
    const body: readonly Block[] = [
      paragraph(
        ...say(hidden),
        { kind: 'code', text: hidden },
        { kind: 'link', url: `https://a/${hidden}`, children: say('a') },
      ),
    ];
    const text = await sent(messageOf({ title: say(hidden), url: hidden, body, link: hidden }), true);
    expect(text.replace(styles, '')).not.toMatch(controls);
    expect(text.isWellFormed()).toBe(true);
  });
});

describe('a send', () => {
  const adapterThat = (write: (text: string) => Promise<void>) =>
    createConsoleAdapter({ input: null, clock: systemClock, write, color: false });
  const send = (write: (text: string) => Promise<void>) =>
    adapterThat(write).send({ room: 'demo', key: 'key', payload: 'text\n' }, never);
  const failing = (code: string) => async () => {
    throw Object.assign(new Error('secret detail'), { code });
  };

  it('says which room it is for, in one write', async () => {
    const written: string[] = [];
    await send(async (text) => void written.push(text));
    expect(written).toEqual(['demo\ntext\n\n']);
  });

  it('has colour where it is wanted, and none where it is not, from the same payload', async () => {
    const message = messageOf({ title: say('Title') });
    expect(await sent(message, true)).toContain('\u001b[1mTitle\u001b[22m');
    expect(await sent(message, false)).toBe('demo\n▌ Title\n\n');
  });

  it.each(['EPIPE', 'EIO', 'EBADF', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])(
    'breaks the account when nobody reads any more: %s',
    async (code) => {
      expect(await send(failing(code))).toEqual({ outcome: 'accountBroken', reason: `the console is gone (${code})` });
    },
  );

  it('is unknown when it failed half-way', async () => {
    expect(await send(failing('ENOSPC'))).toMatchObject({
      outcome: 'unknown',
      waitMs: 5_000,
      reason: expect.stringContaining('ENOSPC'),
    });
    expect(await send(() => Promise.reject('no error'))).toMatchObject({ outcome: 'unknown' });
  });
});

describe('the console as a platform', () => {
  const adapter = createConsoleAdapter({ input: null, clock: systemClock, write: async () => {}, color: false });

  it('is always there, takes any room, and cannot be read back', async () => {
    expect(adapter.platform).toBe('console');
    expect(adapter.idempotentForMs).toBe(0);
    expect(await adapter.login(never)).toEqual({ outcome: 'ready', account: { id: 'console', device: null } });
    expect(await adapter.resolve('demo', never)).toEqual({ outcome: 'resolved', address: 'demo' });
    expect(await adapter.find({ room: 'demo', key: 'key', payload: '{}', since: 0 }, never)).toMatchObject({
      outcome: 'unreadable',
    });
    await adapter.stop();
  });
});

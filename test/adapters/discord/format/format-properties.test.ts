import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { format } from '../../../../src/adapters/discord/format/format.ts';
import type { Block, Inline, Message } from '../../../../src/render/message.ts';
import { codePoint } from '../../../support/code-point.ts';
import { literal, literalInlines } from './literal.ts';
import { parsers } from './parsed.ts';
import { anyBlocks, blocksWithoutLists, hostileText, inlines } from './trees.ts';

const key = 'k'.repeat(22);
/** A failure is shrunk for so long; without a limit that may take minutes. */
const runs = { numRuns: 200, interruptAfterTimeLimit: 6_000 };
const nothing: Message = {
  title: null,
  url: null,
  color: null,
  body: [],
  fields: [],
  footer: null,
  image: null,
  link: null,
};

interface Body {
  readonly content?: string;
  readonly embeds?: readonly {
    readonly title?: string;
    readonly description?: string;
    readonly fields?: readonly { readonly name: string; readonly value: string }[];
    readonly footer?: { readonly text: string };
  }[];
}

const made = (message: Partial<Message>, embeds = true): Body =>
  JSON.parse(format({ ...nothing, ...message }, key, { embeds }));
const description = (body: readonly Block[]) => made({ body }).embeds?.[0]?.description ?? '';
const content = (body: readonly Block[]) => made({ body }, false).content ?? '';
const bare = (shown: readonly { character: string }[]) =>
  shown
    .map(({ character }) => character)
    .join('')
    .replaceAll('(link)', '');

/** The kinds of nodes in a tree, and those that stand for them. */
function kindsIn(blocks: readonly Block[]): Set<string> {
  const kinds = new Set<string>();
  const visit = (nodes: readonly (Block | Inline)[]): void => {
    for (const node of nodes) {
      kinds.add(node.kind);
      if (node.kind === 'heading') kinds.add('strong');
      if (node.kind === 'codeBlock' || node.kind === 'link') kinds.add('code');
      if (node.kind === 'list') node.items.forEach(visit);
      else if ('children' in node) visit(node.children);
    }
  };
  visit(blocks);
  return kinds;
}

const places = { 'an embed': description, content };
const cases = Object.entries(places).flatMap(([place, write]) =>
  Object.entries(parsers).map(([name, parse]) => ({ place, write, name, parse })),
);

describe.each(cases)('any text in $place, as $name reads it', ({ write, name, parse }) => {
  const blocks = name === 'discord-markdown-parser' ? blocksWithoutLists : anyBlocks;

  it('is shown as it is, no more and no less', () => {
    fc.assert(
      fc.property(blocks, (body) => {
        const expected = bare(literal(body));
        fc.pre(expected !== '');
        const text = write(body);
        fc.pre(!text.includes('…'));
        expect([text, bare(parse(text).shown).replaceAll('─', '')]).toEqual([text, expected.replaceAll('─', '')]);
      }),
      runs,
    );
  });

  it('holds nothing but what the template put there', () => {
    fc.assert(
      fc.property(anyBlocks, (body) => {
        const text = write(body);
        const allowed = kindsIn(body);
        expect([text, [...parse(text).kinds].filter((kind) => !allowed.has(kind))]).toEqual([text, []]);
        for (const link of parse(text).links)
          expect(link).toMatch(/^https:\/\/(?:stackoverflow|metasmoke\.erwaysoftware)\.com\//);
      }),
      runs,
    );
  });

  it('is formatted only where its template says so, and hidden exactly there', () => {
    fc.assert(
      fc.property(inlines, (children) => {
        const expected = literalInlines(children);
        fc.pre(expected.length > 0);
        const text = write([{ kind: 'paragraph', children }]);
        const { shown } = parse(text);
        // A link that cannot be masked stands beside its text; what follows is then elsewhere.
        fc.pre(!/…|\(\[link\]\(/.test(text));
        for (const [index, { character, inside }] of shown.entries()) {
          const wanted = expected[index]?.inside.split(' ') ?? [];
          const extra = inside.split(' ').filter((kind) => kind !== '' && !wanted.includes(kind));
          const isInLabel = extra.join() === 'code' && wanted.includes('link');
          if (!isInLabel) expect([text, character, extra]).toEqual([text, character, []]);
          if (wanted.includes('spoiler'))
            expect([text, character, inside]).toEqual([text, character, expect.stringContaining('spoiler')]);
        }
      }),
      runs,
    );
  });
});

describe.each(Object.entries(parsers))('any title, name and footer, as %s reads it', (_, parse) => {
  it('is shown as it is, without links', () => {
    fc.assert(
      fc.property(inlines, (children) => {
        const expected = literalInlines(children)
          .map(({ character }) => character)
          .join('');
        fc.pre(expected !== '' && expected.length < 60);
        const { embeds } = made({
          title: children,
          fields: [{ name: children, value: children, inline: true }],
          footer: children,
        });
        const { title = '', fields = [], footer } = embeds?.[0] ?? {};
        expect(footer?.text.replace(/\s/gu, '')).toBe(expected);
        for (const text of [title, fields[0]?.name ?? '']) {
          const { shown, kinds } = parse(text);
          expect([text, shown.map(({ character }) => character).join('')]).toEqual([text, expected]);
          expect([
            text,
            [...kinds].filter((kind) => !['strong', 'em', 'del', 'spoiler', 'code'].includes(kind)),
          ]).toEqual([text, []]);
        }
      }),
      runs,
    );
  });
});

describe('any text', () => {
  it('is well-formed', () => {
    fc.assert(
      fc.property(fc.string({ unit: codePoint }), hostileText, (binary, text) => {
        for (const embeds of [true, false]) {
          const payload = format(
            {
              ...nothing,
              body: [{ kind: 'paragraph', children: [{ kind: 'text', text: binary + text }] }],
              footer: [{ kind: 'text', text: binary }],
            },
            key,
            { embeds },
          );
          expect(payload.isWellFormed()).toBe(true);
          expect(payload).not.toMatch(/\\ud[89a-f]/i);
        }
      }),
      runs,
    );
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { format } from '../../../../src/adapters/matrix/format/format.ts';
import { findLinkable } from '../../../../src/adapters/matrix/format/linkable.ts';
import type { Inline } from '../../../../src/render/message.ts';
import { message } from '../rig.ts';
import { literalText } from './literal-text.ts';
import { anyMessage, hostileText } from './message-trees.ts';
import { parseStrictly } from './strict-html.ts';

const key = 'k'.repeat(22);
/** A failure is shrunk for so long; without a limit that may take minutes. */
const runs = { numRuns: 500, interruptAfterTimeLimit: 6_000 };

interface Content {
  readonly body: string;
  readonly formatted_body: string;
}

const made = (message: Parameters<typeof format>[0]): Content => JSON.parse(format(message, key));
const bare = (text: string) => text.replace(/[\s`]/g, '');

/** The link to metasmoke that a cut appends shows where it leads. */
const isOwnAddress = (text: string, inside: readonly string[]) =>
  inside.includes('a') && text === 'https://metasmoke.erwaysoftware.com/post/1';

describe('any message on Matrix', () => {
  it('is nothing but allowed HTML, nested no deeper than clients read', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(parseStrictly(made(message).formatted_body).depth).toBeLessThan(100);
      }),
      runs,
    );
  });

  it('shows the text as it is, no more and no less', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const shown = parseStrictly(made(message).formatted_body).text;
        const literal = literalText(message);
        // A longer one may be cut, and one without text is given some.
        if (literal.trim() !== '' && literal.length < 1_500) expect(bare(shown)).toBe(bare(literal));
      }),
      runs,
    );
  });

  it('shows the same text in both bodies, where the plain one neither hides nor adds anything', () => {
    fc.assert(
      fc.property(fc.array(hostileText, { minLength: 1 }), (lines) => {
        const children = lines.map((text): Inline => ({ kind: 'text', text }));
        const emphasised: Inline = { kind: 'strong', children };
        const { body, formatted_body } = made(message([{ kind: 'paragraph', children: [...children, emphasised] }]));
        fc.pre(lines.join('').trim() !== '');
        expect(bare(body)).toBe(bare(parseStrictly(formatted_body).text));
      }),
      runs,
    );
  });

  it('leaves nothing to a client that links by itself: not within a piece of text, and not across formatting', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const { texts } = parseStrictly(made(message).formatted_body);
        const free = texts.filter(({ text, inside }) => !inside.includes('code') && !isOwnAddress(text, inside));
        for (const { text } of free) expect(findLinkable(text)).toEqual([]);
        for (const { text, line } of free) {
          const neighbours = texts.filter((each) => each.line === line);
          const flat = neighbours.map((each) => (free.includes(each) ? each.text : '\n')).join('');
          expect([text, findLinkable(flat)]).toEqual([text, []]);
        }
      }),
      runs,
    );
  });

  it('is well-formed, without control characters, and within every limit', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        const payload = format(message, key);
        expect(payload.isWellFormed()).toBe(true);
        // An escape, not a text that looks like one: an even number of backslashes before it.
        expect(payload).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:d[89a-f]|00(?:0|1|7f))/i);
        const { body, formatted_body } = JSON.parse(payload);
        expect(body.trim()).not.toBe('');
        expect(Buffer.byteLength(JSON.stringify(formatted_body))).toBeLessThanOrEqual(15_000);
      }),
      runs,
    );
  });
});

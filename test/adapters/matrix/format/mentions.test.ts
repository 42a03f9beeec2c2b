import { describe, expect, it } from 'vitest';
import { asEdit, format, together } from '../../../../src/adapters/matrix/format/format.ts';
import type { Block } from '../../../../src/render/message.ts';
import type { Mention } from '../../../../src/words.ts';
import { message } from '../rig.ts';
import { parseStrictly } from './strict-html.ts';

const key = 'AAAAAAAAAAAAAAAAAAAAAA';
const user = (id: string): Mention => ({ kind: 'user', id });
const alice = user('@alice:example.org');
const aliceHtml = '<a href="https://matrix.to/#/@alice:example.org">@alice:example.org</a>';

describe('a message that pings on Matrix', () => {
  it('is a text that begins with those whom it mentions', () => {
    const made = JSON.parse(format(message('hello'), key, [alice, user('@b/"x:[::1]:8448'), alice]));
    expect(made).toMatchObject({
      msgtype: 'm.text',
      body: '@alice:example.org, @b/"x:[::1]:8448: hello',
      formatted_body: `${aliceHtml}, <a href="https://matrix.to/#/@b%2F%22x:%5B::1%5D:8448">@b/&quot;x:[::1]:8448</a>: hello`,
      'm.mentions': { user_ids: ['@alice:example.org', '@b/"x:[::1]:8448'] },
    });
    expect(parseStrictly(made.formatted_body).links).toHaveLength(2);
  });

  it('stays well-formed whatever it begins with', () => {
    const text = [{ kind: 'text', text: 'hello' }] as const;
    const paragraph: Block = { kind: 'paragraph', children: text };
    const html = (...body: readonly Block[]) => JSON.parse(format(message(body), key, [alice])).formatted_body;
    expect(html(paragraph, paragraph)).toBe(`<p>${aliceHtml}: hello</p><p>hello</p>`);
    const others: readonly Block[] = [
      { kind: 'heading', level: 1, children: text },
      { kind: 'quote', children: [paragraph] },
      { kind: 'list', ordered: true, items: [[paragraph]] },
      { kind: 'codeBlock', text: 'hello' },
    ];
    for (const block of others) {
      expect(html(block)).toMatch(new RegExp(`^<p>${aliceHtml}:</p><`));
      expect(parseStrictly(html(block)).text).toContain('hello');
    }
  });

  it('guards the same names in what others wrote', () => {
    const { formatted_body } = JSON.parse(format(message('@alice:example.org was here'), key, [alice]));
    expect(formatted_body).toBe(`${aliceHtml}: <code>@alice:example.org</code> was here`);
  });

  it.each([
    [{ kind: 'role', id: '@alice:example.org' }],
    [user('alice')],
    [user('@alice')],
    [user('@al ice:example.org')],
    [user('@alice:example.org/"><script>')],
    [user('@ö:example.org')],
    [user('@room')],
    [user(`@${'a'.repeat(255)}:example.org`)],
  ] as const)('pings nobody by what is no user id: %j', (mention) => {
    expect(format(message('hello'), key, [mention])).toBe(format(message('hello'), key));
  });

  it('mentions a few and no more, within the limits of a message', () => {
    const many = Array.from({ length: 100 }, (_, n) => user(`@${'"'.repeat(150)}${n}:example.org`));
    const made = JSON.parse(format(message('word '.repeat(20_000)), key, many));
    expect(made['m.mentions'].user_ids.length).toBeGreaterThan(1);
    expect(made.body).toContain('word…');
    expect(Buffer.byteLength(JSON.stringify(made.formatted_body))).toBeLessThanOrEqual(15_000);
    const few = JSON.parse(
      format(
        message('x'),
        key,
        Array.from({ length: 50 }, (_, n) => user(`@u${n}:example.org`)),
      ),
    );
    expect(few['m.mentions'].user_ids).toHaveLength(20);
  });

  it('may be several in one', () => {
    const { payload, carried } = together([message('a'), message('b')], key, [alice]);
    expect(carried).toBe(2);
    expect(JSON.parse(payload)).toMatchObject({
      body: '@alice:example.org: 2 events\n- a\n- b',
      formatted_body: `<p>${aliceHtml}: 2 events</p><ul><li>a</li><li>b</li></ul>`,
    });
  });

  it('pings nobody anew as an edit, which keeps what it is', () => {
    const edit = JSON.parse(asEdit(format(message('hello'), key, [alice]), '$first'));
    expect(edit).toMatchObject({
      msgtype: 'm.text',
      'm.mentions': {},
      'm.new_content': { msgtype: 'm.text', 'm.mentions': { user_ids: ['@alice:example.org'] } },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { format } from '../../../../src/adapters/matrix/format/format.ts';
import type { Block, Inline, Message } from '../../../../src/render/message.ts';
import { message } from '../rig.ts';
import { parseStrictly } from './strict-html.ts';

const key = 'AAAAAAAAAAAAAAAAAAAAAA';
const link = 'https://metasmoke.erwaysoftware.com/post/123';
const made = (what: Message) => JSON.parse(format(what, key));
const text = (value: string): Inline => ({ kind: 'text', text: value });
const code = (value: string): Inline => ({ kind: 'code', text: value });
const paragraph = (...children: Inline[]): Block => ({ kind: 'paragraph', children });
const linked = (url: string, ...children: Inline[]): Inline => ({ kind: 'link', url, children });
const over = (kind: 'strong' | 'em' | 'del' | 'spoiler', ...children: Inline[]): Inline => ({ kind, children });

describe('a message on Matrix', () => {
  it('is a notice that mentions nobody, previews nothing and carries its key', () => {
    expect(made(message('hello'))).toEqual({
      msgtype: 'm.notice',
      body: 'hello',
      format: 'org.matrix.custom.html',
      formatted_body: 'hello',
      'm.mentions': {},
      'com.beeper.linkpreviews': [],
      'lookout.key': key,
    });
  });

  it('shows title, body, fields and footer', () => {
    const post: Message = {
      title: [text('Buy cheap pills at evil.com <now>')],
      url: link,
      color: '#ff0000',
      body: [
        paragraph(
          text('By '),
          linked('https://stackoverflow.com/users/1', text('spam & co')),
          text(' on '),
          code('so'),
        ),
        paragraph(over('em', text('second')), { kind: 'break' }, over('del', text('third'))),
      ],
      fields: [
        { name: [text('Site')], value: [text('Stack Overflow')], inline: true },
        { name: [text('Reputation')], value: [text('1')], inline: true },
        { name: [text('Why')], value: [text('Bad keyword')], inline: false },
      ],
      footer: [text('reported at 12:00')],
      image: null,
      link,
    };
    const { body, formatted_body } = made(post);
    expect(formatted_body).toBe(
      `<p><strong><a href="${link}">Buy cheap pills at <code>evil.com</code> &lt;now&gt;</a></strong><br>` +
        'By <a href="https://stackoverflow.com/users/1">spam &amp; co</a> on <code>so</code></p>' +
        '<p><em>second</em><br><del>third</del></p>' +
        '<p><strong>Site</strong>: Stack Overflow · <strong>Reputation</strong>: 1<br><strong>Why</strong>: Bad keyword</p>' +
        '<p><em>reported at 12:00</em></p>',
    );
    expect(body).toBe(
      [
        `Buy cheap pills at \`evil.com\` <now> (${link})`,
        'By spam & co (https://stackoverflow.com/users/1) on `so`',
        'second',
        'third',
        'Site: Stack Overflow · Reputation: 1',
        'Why: Bad keyword',
        'reported at 12:00',
      ].join('\n'),
    );
  });

  it('shows headings, lists, quotes, code and rules', () => {
    const { body, formatted_body } = made(
      message([
        { kind: 'heading', level: 2, children: [text('Head')] },
        { kind: 'list', ordered: false, items: [[paragraph(text('a'))], [paragraph(text('b')), paragraph(text('c'))]] },
        { kind: 'list', ordered: true, items: [[paragraph(text('x'))], []] },
        { kind: 'quote', children: [paragraph(text('one\ntwo')), paragraph(text('three'))] },
        { kind: 'codeBlock', text: 'if (a < b) {\n  https://evil.com\n}\n' },
        { kind: 'rule' },
      ]),
    );
    expect(formatted_body).toBe(
      '<h2>Head</h2><ul><li>a</li><li><p>b</p><p>c</p></li></ul><ol><li>x</li><li></li></ol>' +
        '<blockquote><p>one<br>two</p><p>three</p></blockquote>' +
        '<pre><code>if (a &lt; b) {\n  https://evil.com\n}\n</code></pre><hr>',
    );
    expect(body).toBe(
      'Head\n- a\n- b\n  c\n1. x\n2. \n> one\n> two\n> three\n```\nif (a < b) {\n  https://evil.com\n}\n```\n---',
    );
  });

  it('hides a spoiler from the plain text too, which pops up in notifications', () => {
    const { body, formatted_body } = made(message([paragraph(text('He said '), over('spoiler', text('rude words')))]));
    expect(formatted_body).toBe('He said <span data-mx-spoiler>rude words</span>');
    expect(body).toBe('He said [spoiler]');
  });

  it('puts into code what would be a link, also where formatting parts it', () => {
    const { body, formatted_body } = made(
      message([
        paragraph(
          text('see exam'),
          over('strong', text('ple.com')),
          text(' and @us'),
          over('em', text('er:evil.com!')),
        ),
      ]),
    );
    expect(formatted_body).toBe(
      'see <code>exam</code><strong><code>ple.com</code></strong> and <code>@us</code><em><code>er:evil.com</code>!</em>',
    );
    expect(body).toBe('see `exam``ple.com` and `@us``er:evil.com`!');
  });

  it('leaves nothing empty between two pieces of text, which a client would read as one', () => {
    expect(made(message([paragraph(text('evil'), code(''), text('.com'))])).formatted_body).toBe(
      '<code>evil</code><code>.com</code>',
    );
  });

  it('leaves a link alone that shows its own address', () => {
    const { body, formatted_body } = made(message([paragraph(linked(link, text(link)))]));
    expect([formatted_body, body]).toEqual([`<a href="${link}">${link}</a>`, link]);
  });

  it('leaves a link alone that shows its own host, and none that shows another', () => {
    const to = (shown: string) => made(message([paragraph(linked('https://stackoverflow.com/a/1', text(shown)))]));
    expect(to('stackoverflow.com')).toMatchObject({
      body: 'stackoverflow.com (https://stackoverflow.com/a/1)',
      formatted_body: '<a href="https://stackoverflow.com/a/1">stackoverflow.com</a>',
    });
    expect(to('stackoverflow.com/a/1').formatted_body).not.toContain('<code>');
    expect(to('evil.com').formatted_body).toContain('<code>evil.com</code>');
    expect(to('evil.stackoverflow.com').formatted_body).toContain('<code>');
  });

  it('makes no link of what is none, and none in a link', () => {
    for (const url of [
      'javascript:alert(1)',
      '//stackoverflow.com/a/1',
      'mailto:a@b.c',
      'https://',
      `https://a.b/${'x'.repeat(3_000)}`,
    ]) {
      expect(made(message([paragraph(linked(url, text('click')))])).formatted_body).toBe('click');
    }
    const inTitle = message('x', { title: [linked('https://stackoverflow.com/', text('inner'))], url: link });
    expect(parseStrictly(made(inTitle).formatted_body).links).toEqual([link]);
  });

  it('keeps what is in an address from leaving it', () => {
    const url = 'https://stackoverflow.com/"><script>alert(1)</script>?a=1&b=\ud800';
    expect(made(message([paragraph(linked(url, text('x')))])).formatted_body).toBe(
      '<a href="https://stackoverflow.com/%22%3E%3Cscript%3Ealert(1)%3C/script%3E?a=1&amp;b=%EF%BF%BD">x</a>',
    );
  });

  it('marks code that holds backticks with two', () => {
    expect(made(message([paragraph(code('a`b'))])).body).toBe('``a`b``');
  });

  it('shows something where there is nothing to show', () => {
    const nothing = [
      [],
      [paragraph()],
      [paragraph(text(' \n'))],
      [{ kind: 'rule' } as const],
      [{ kind: 'codeBlock', text: '' } as const],
    ];
    for (const blocks of nothing) {
      expect(made(message(blocks, { link })).formatted_body).toBe(`<a href="${link}">${link}</a>`);
      expect(made(message(blocks))).toMatchObject({ body: '(no text)', formatted_body: '(no text)' });
    }
  });
});

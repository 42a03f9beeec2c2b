import { describe, expect, it } from 'vitest';
import { differences } from '../compare.ts';
import { createTokens } from '../tokens.ts';
import { findLinks } from './find-links.ts';
import { contentFaults, readHtml } from './read.ts';

describe('text that clients link by themselves', () => {
  it.each([
    'https://evil.com',
    'www.evil.com',
    'evil.com',
    'a@evil.com',
    'mailto:a@evil.com',
    'ftp://evil.com',
    'matrix:u/a:evil.com',
    'magnet:?xt=1',
    'https://пример.рф',
    'xn--e1afmkfd.xn--p1ai',
    '1.2.3.4',
    '//evil.com',
    '@user:server',
    '@user:evil.com',
    '#room:server',
    '!room:evil.com',
    '@room',
    'localhost',
  ])('is found: %s', (text) => {
    expect(findLinks(text)).not.toEqual([]);
    expect(readHtml(`<p>a ${text}</p>`).dangers).not.toEqual([]);
    expect(readHtml(`<p>a <strong>${text}</strong></p>`).dangers).not.toEqual([]);
    expect(readHtml(`<p>a <code>${text}</code></p>`).dangers).toEqual([]);
    expect(readHtml(`<pre><code>${text}</code></pre>`).dangers).toEqual([]);
  });

  it.each(['word', 'a: b', '@name', '#tag', 'Node.js', '12:30', '3.14', '@roommate', 'e.g. this'])(
    'is not found: %s',
    (text) => {
      expect(findLinks(text)).toEqual([]);
    },
  );

  it('is found across formatting, and not across lines', () => {
    expect(readHtml('<p>exam<strong>ple.com</strong></p>').dangers).not.toEqual([]);
    expect(readHtml('<p>@us<em>er:server</em></p>').dangers).not.toEqual([]);
    expect(readHtml('<p>@us<br>er:server</p>').dangers).toEqual([]);
    expect(readHtml('<p>@us</p><p>er:server</p>').dangers).toEqual([]);
  });
});

describe('HTML, as a browser reads it', () => {
  it.each([
    ['<script>x</script>', 'the tag script'],
    ['<img src="https://evil.com/p.png">', 'the tag img'],
    ['<a href="https://charcoal-se.org" onclick="x">a</a>', 'the attribute onclick of a'],
    ['<span style="x">a</span>', 'the attribute style of span'],
    ['a<!-- b -->', 'not text and no element: #comment'],
    [`${'<b>'.repeat(101)}a`, 'nested too deep'],
  ])('does not have %s', (html, danger) => {
    expect(readHtml(html).dangers).toContain(danger);
  });

  it('shows the place of each text, and the targets of links', () => {
    const { runs, links } = readHtml(
      '<p>a &lt;b&gt; <a href="https://evil.com/?a&amp;b">c <em>d</em></a><br><code>e</code></p>',
    );
    expect(links).toEqual(['https://evil.com/?a&b']);
    expect(runs.map(({ text, path, isCode }) => `${path.join(' ')}: ${text}${isCode ? ' (code)' : ''}`)).toEqual([
      ': a <b> ',
      'link https://evil.com/?a&b: c ',
      'link https://evil.com/?a&b em: d',
      ': \n',
      ': e (code)',
      ': \n',
    ]);
  });

  it('differs from harmless words if text is not escaped', () => {
    const kinds = (html: (value: string) => string, value: string) => {
      const tokens = createTokens();
      const word = tokens.standFor(value);
      const looks = new Map([[word, new Set(['code'])]]);
      return differences(readHtml(html(value)), readHtml(html(word)), tokens, (text) => text, looks).map(
        ({ kind }) => kind,
      );
    };
    expect(kinds((value) => `<code>${value}</code>`, 'a &lt; b')).toEqual(['text']);
    expect(kinds((value) => `<code>${value}</code>`, '<b>a</b>')).toEqual(['text']);
    expect(kinds((value) => `<code>${value}</code> x`, 'a</code>')).toEqual(['text']);
    expect(kinds((value) => `<code>${value}</code>`, 'a b')).toEqual([]);
    expect(kinds((value) => (value === 'a b' ? 'a b' : `<code>${value}</code>`), 'a b')).toEqual(['code']);
    expect(kinds((value) => (value === 'a b' ? '<em><code>a b</code></em>' : `<code>${value}</code>`), 'a b')).toEqual([
      'look',
    ]);
  });

  it('is in an event that a homeserver accepts and that pings and previews nothing', () => {
    const good = { msgtype: 'm.notice', body: 'a', 'm.mentions': {}, 'com.beeper.linkpreviews': [] };
    const faults = (content: object) =>
      contentFaults(JSON.stringify({ ...good, ...content })).map(({ detail }) => detail);
    expect(faults({})).toEqual([]);
    expect(faults({ body: ' ' })).toEqual(['a blank body']);
    expect(faults({ body: '\ud800' })).toEqual(['a lone surrogate']);
    expect(faults({ body: 'x'.repeat(60_000) })).toEqual([expect.stringMatching(/bytes/)]);
    expect(faults({ msgtype: 'm.text' })).toEqual(['msgtype m.text']);
    expect(faults({ 'm.mentions': { room: true } })).toEqual(['mentions are not switched off']);
    expect(faults({ 'com.beeper.linkpreviews': null })).toEqual(['previews are not switched off']);
  });
});

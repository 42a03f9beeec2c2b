import { describe, expect, it } from 'vitest';
import { format } from '../../../../src/adapters/discord/format/format.ts';
import { carriesMark, markedLink } from '../../../../src/adapters/discord/format/mark.ts';
import { key, link, linked, marked, messageOf, paragraph, text } from './messages.ts';

describe('the mark of a send', () => {
  it('is the fragment of the link, in place of one that is there', () => {
    expect(markedLink(link, key)).toBe(marked);
    expect(markedLink(`${link}?a=1#top#x`, key)).toBe(`${link}?a=1#lk-${key}`);
  });

  it.each([true, false])('is found in what was sent, wherever the link stands; embeds: %s', (embeds) => {
    const messages = [
      messageOf({ title: [text('T')], url: link, link }),
      messageOf({ body: [paragraph(text('b'))], link }),
      messageOf({ body: [paragraph(linked(link, text('b')))], link }),
      messageOf({ title: [text('T')], url: 'https://stackoverflow.com/', link }),
      messageOf({ title: [text('x'.repeat(9_000))], body: [paragraph(text('y'.repeat(90_000)))], url: link, link }),
    ];
    for (const message of messages) {
      const sent = JSON.parse(format(message, key, { embeds }));
      expect(carriesMark({ content: '', embeds: [], ...sent }, key)).toBe(true);
      expect(carriesMark({ content: '', embeds: [], ...sent }, key.replace('A', 'B'))).toBe(false);
    }
  });

  it('is not another one that begins alike', () => {
    const message = { content: `<${link}#lk-${key}A> <${link}#lk-${key}_>`, embeds: [] };
    expect(carriesMark(message, key)).toBe(false);
    expect(carriesMark({ ...message, content: `${message.content} <${marked}>` }, key)).toBe(true);
  });

  it('is in nothing that is no message of Discord', () => {
    for (const odd of [null, undefined, 1, marked, [marked], {}, { content: 1 }, { embeds: 'x' }, { embeds: [null] }]) {
      expect(carriesMark(odd, key)).toBe(false);
    }
    expect(carriesMark({ content: marked, embeds: null }, key)).toBe(true);
    expect(carriesMark({ embeds: [null, { url: marked }] }, key)).toBe(true);
  });

  it('does not come from the text of an event', () => {
    const sent = JSON.parse(format(messageOf({ body: [paragraph(text(`${link}#lk-${key}`))] }), key, { embeds: true }));
    // It looks the same, but nobody knows a key before it is sent.
    expect(sent.embeds[0].description).toBe(`https\\://metasmoke.erwaysoftware.com/post/123#lk-${key}`);
  });
});

import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { metasmoke } from '../../src/metasmoke/metasmoke.ts';
import { readEvent } from '../../src/trial/read-event.ts';
import { readLines } from '../../src/trial/read-lines.ts';

const catalogue = createCatalogue();
const message = { event_type: 'create', event_class: 'Post', object: { id: 1 } };
const read = (text: string) => readEvent({ number: 17, text }, { kind: metasmoke, catalogue });

async function lines(...chunks: (string | Uint8Array)[]) {
  async function* given() {
    for (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
  }
  const found: string[] = [];
  for await (const { number, text } of readLines(given())) found.push(`${number} ${text}`);
  return found;
}

describe('the lines of a file of events', () => {
  it('are counted from one, without the blank ones', async () => {
    expect(await lines('a\n\n b\r\nc')).toEqual(['1 a', '3  b\r', '4 c']);
  });

  it('may be torn anywhere, also within a character', async () => {
    const bytes = Buffer.from('ä\n€\n');
    expect(await lines(bytes.subarray(0, 1), bytes.subarray(1, 4), bytes.subarray(4))).toEqual(['1 ä', '2 €']);
  });

  it('are not ended by other line breaks, which JSON may contain', async () => {
    expect(await lines('"a\u2028b"\n')).toEqual(['1 "a\u2028b"']);
  });

  it('are refused if they are not UTF-8', async () => {
    await expect(lines('a\nb\n', Buffer.from([0xff, 0xfe]))).rejects.toThrow(/^line 3 is not UTF-8/);
  });
});

describe('a line', () => {
  it.each([
    ['a message of the source', message],
    ['a message in a frame', { identifier: '{}', message }],
    ['a message in an object', { message }],
  ])('may be %s', (_, value) => {
    expect(read(JSON.stringify(value))).toEqual({ line: 17, at: null, message, doubt: null });
  });

  it.each([
    ['beside the keys of a message', { at: '2026-01-02T03:04:05.678Z', ...message }],
    ['beside a message', { at: '2026-01-02T03:04:05.678Z', message }],
  ])('may say when it came, %s', (_, value) => {
    expect(read(JSON.stringify(value))).toMatchObject({ at: Date.UTC(2026, 0, 2, 3, 4, 5, 678), message });
  });

  it.each([
    ['{"a":', /^line 17 is not JSON: .*: write one event in each line/],
    ['[]', /^line 17 is not an event: the message is a list, not an object: /],
    ['{"event_type":"create"}', /^line 17 is not an event: event_class is missing: /],
    ['{"statistic":{}}', /^line 17 is a message that Lookout does not request: /],
    [JSON.stringify({ at: 'noon', ...message }), /^line 17 has an "at" that is not a time: /],
  ])('is refused if it holds no event: %s', (text, problem) => {
    expect(() => read(text)).toThrow(problem);
  });

  it('of an unknown class is in doubt', () => {
    expect(read(JSON.stringify({ ...message, event_class: 'Psot' })).doubt).toBe(
      'the class "Psot" is not known: did you mean "Post"?',
    );
  });
});

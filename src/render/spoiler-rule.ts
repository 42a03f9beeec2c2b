import type { MarkdownIt, StateInline } from 'markdown-it';

const bar = 124;

/** Everything up to a character with which a rule of ours or of markdown-it begins. */
const plainText = /[^\n!#$%&*+\-:<=>@[\\\]^_`{}~|]+/y;

/** Adds `||text hidden until a reader opens it||` to Markdown: tokens `spoiler_open` and `spoiler_close`. */
export function addSpoilers(markdown: MarkdownIt): void {
  markdown.inline.ruler.at('text', (state, silent) => {
    plainText.lastIndex = state.pos;
    const [text] = plainText.exec(state.src) ?? [];
    if (text === undefined) return false;
    const end = Math.min(state.pos + text.length, state.posMax);
    if (!silent) state.pending += state.src.slice(state.pos, end);
    state.pos = end;
    return true;
  });
  markdown.inline.ruler.before('emphasis', 'spoiler', markBars);
  markdown.inline.ruler2.before('emphasis', 'spoiler', (state) => {
    pairBars(state, state.delimiters);
    for (const meta of state.tokens_meta) if (meta?.delimiters) pairBars(state, meta.delimiters);
  });
}

/** Marks two bars, which are plain text until a second pair is found. */
function markBars(state: StateInline, silent: boolean): boolean {
  if (silent || state.src.charCodeAt(state.pos) !== bar || state.src.charCodeAt(state.pos + 1) !== bar) return false;
  const { length, can_open: open, can_close: close } = state.scanDelims(state.pos, true);
  if (length !== 2) {
    // Skip a longer run of bars at once: bar by bar it would take quadratic time.
    state.pending += '|'.repeat(length);
    state.pos += length;
    return true;
  }
  state.push('text', '', 0).content = '||';
  state.delimiters.push({ marker: bar, length: 0, token: state.tokens.length - 1, end: -1, open, close });
  state.pos += length;
  return true;
}

function pairBars(state: StateInline, delimiters: StateInline['delimiters']): void {
  for (const { marker, token, end } of delimiters) {
    const closing = delimiters[end];
    if (marker !== bar || closing === undefined) continue;
    for (const [index, type, nesting] of [
      [token, 'spoiler_open', 1],
      [closing.token, 'spoiler_close', -1],
    ] as const) {
      const found = state.tokens[index]!;
      found.type = type;
      found.nesting = nesting;
      found.content = '';
    }
  }
}

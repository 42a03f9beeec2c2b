import type { MarkdownIt, StateInline } from 'markdown-it';

const bar = 124;

/** Everything up to a character that some rule of ours or of markdown-it begins with. */
const plainText = /[^\n!#$%&*+\-:<=>@[\\\]^_`{}~|]+/y;

/** Adds `||hidden until a reader asks||` to Markdown: tokens `spoiler_open` and `spoiler_close`. */
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

/** Two bars are a text until a second two are found for them. */
function markBars(state: StateInline, silent: boolean): boolean {
  if (silent || state.src.charCodeAt(state.pos) !== bar || state.src.charCodeAt(state.pos + 1) !== bar) return false;
  const { length, can_open: open, can_close: close } = state.scanDelims(state.pos, true);
  if (length !== 2) {
    // All of a longer run at once: looked at bar by bar, it would take quadratic time.
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

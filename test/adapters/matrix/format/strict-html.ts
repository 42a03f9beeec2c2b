/** A piece of text of a `formatted_body`. */
export interface HtmlText {
  readonly text: string;
  /** The tags around it, outermost first. */
  readonly inside: readonly string[];
  /** On which line it is shown; a block and a `br` begin a new one. */
  readonly line: number;
}

export interface ParsedHtml {
  /** All text, `br` and the ends of blocks as line feeds. */
  readonly text: string;
  readonly texts: readonly HtmlText[];
  readonly links: readonly string[];
  readonly depth: number;
}

/** Tag → the attributes that it may have here. What we never write is not allowed, though the specification may. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  a: ['href'],
  span: ['data-mx-spoiler'],
  ...Object.fromEntries(
    'p br strong em del code pre blockquote ul ol li hr h1 h2 h3'.split(' ').map((tag) => [tag, []]),
  ),
};
const blocks = new Set(['p', 'blockquote', 'ul', 'ol', 'li', 'pre', 'hr', 'h1', 'h2', 'h3']);
const entities: Readonly<Record<string, string>> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' };

/**
 * Reads HTML as strictly as can be: only allowed tags and attributes, each closed in order, no `<`, `>` or `&` but in
 * tags and entities, no link in a link, no block in a paragraph.
 * @throws Error for anything else
 */
export function parseStrictly(html: string): ParsedHtml {
  const open: string[] = [];
  const texts: HtmlText[] = [];
  const links: string[] = [];
  let text = '';
  let depth = 0;
  let line = 0;
  let at = 0;
  const token = /<(\/?)([a-z0-9]+)((?: [a-z-]+(?:="[^"<>]*")?)*)>|([^<>]+)/y;
  while (at < html.length) {
    token.lastIndex = at;
    const match = token.exec(html);
    if (!match) throw new Error(`not HTML from here: ${html.slice(at, at + 60)}`);
    at = token.lastIndex;
    const [, closing, tag, attributes = '', raw] = match;
    if (raw !== undefined) {
      const decoded = decode(raw);
      texts.push({ text: decoded, inside: [...open], line });
      text += decoded;
    } else if (tag !== undefined && closing === '/') {
      if (open.pop() !== tag) throw new Error(`</${tag}> closes nothing`);
      if (blocks.has(tag)) {
        text += '\n';
        line++;
      }
    } else if (tag !== undefined) {
      const known = allowed[tag];
      if (known === undefined) throw new Error(`<${tag}> is not allowed`);
      for (const [, name = '', value] of attributes.matchAll(/ ([a-z-]+)(?:="([^"]*)")?/g)) {
        if (!known.includes(name)) throw new Error(`${name} is not allowed on <${tag}>`);
        if (name === 'href') {
          const url = decode(value ?? '');
          if (!/^https?:\/\/[^\s"<>]+$/.test(url)) throw new Error(`not a link to follow: ${url}`);
          links.push(url);
        }
      }
      if (tag === 'a' && open.includes('a')) throw new Error('a link in a link');
      if (blocks.has(tag) && open.some((each) => each === 'p' || !blocks.has(each))) {
        throw new Error(`<${tag}> in <${open.join('><')}>`);
      }
      if (tag === 'br' || blocks.has(tag)) line++;
      if (tag === 'br') text += '\n';
      else if (tag !== 'hr') open.push(tag);
      depth = Math.max(depth, open.length);
    }
  }
  if (open.length > 0) throw new Error(`never closed: ${open.join(' ')}`);
  return { text, texts, links, depth };
}

function decode(raw: string): string {
  return raw.replace(/&[^;\s]*;?/g, (entity) => {
    const character = entities[entity];
    if (character === undefined) throw new Error(`a bare or unknown ${entity}`);
    return character;
  });
}

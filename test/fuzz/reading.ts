/** A piece of text in one formatting. */
export interface Run {
  readonly text: string;
  /** The elements around it, outermost first: its place, blocks, formatting, `link <address>`. */
  readonly path: readonly string[];
  /** True in code, where no text has an effect. */
  readonly isCode: boolean;
}

/** The content of a message for a reader, as a third-party parser understood it. */
export interface Reading {
  /** All visible text, in reading order. */
  readonly runs: readonly Run[];
  /** Every address to which a click leads, or that is loaded. */
  readonly links: readonly string[];
  /** Effects that are never intended, whatever the event: a mention, an emoji made of text, a control. A few words each. */
  readonly dangers: readonly string[];
}

/** A fault; `kind` is for counting. */
export interface Complaint {
  readonly kind: string;
  readonly detail: string;
}

export function textOf(reading: Reading): string {
  return reading.runs.map(({ text }) => text).join('');
}

/** Joins neighbouring runs with the same formatting, whether in code or not, and drops empty ones. */
export function joined(runs: readonly Run[]): readonly { readonly text: string; readonly look: string }[] {
  const out: { text: string; look: string }[] = [];
  for (const { text, path } of runs) {
    if (text === '') continue;
    const look = path.join(' > ');
    const last = out.at(-1);
    if (last !== undefined && last.look === look) last.text += text;
    else out.push({ text, look });
  }
  return out;
}

/** Returns text for messages: as JSON, so that invisible characters are visible; only its beginning if it is long. */
export function quoted(text: string): string {
  const json = JSON.stringify(text).replace(/(?![\x20-\x7e])[\p{C}\p{Z}\p{M}]/gu, (char) => {
    return `\\u{${char.codePointAt(0)!.toString(16)}}`;
  });
  return json.length > 400 ? `${json.slice(0, 400)}… (${text.length})` : json;
}

/** A piece of text that is shown in one look. */
export interface Run {
  readonly text: string;
  /** What is around it, outermost first: where it stands, blocks, formatting, `link <address>`. */
  readonly path: readonly string[];
  /** It is in the look of code, where nothing is made of it. */
  readonly isCode: boolean;
}

/** What a reader is shown of a message, as somebody else's parser understood it. */
export interface Reading {
  /** All visible text, in the order in which it is read. */
  readonly runs: readonly Run[];
  /** Every address that a click leads to, or that is loaded. */
  readonly links: readonly string[];
  /** What is never meant, whatever the event: a mention, an emoji made of text, a control. A few words each. */
  readonly dangers: readonly string[];
}

/** Something that should not be. `kind` is for counting. */
export interface Complaint {
  readonly kind: string;
  readonly detail: string;
}

export function textOf(reading: Reading): string {
  return reading.runs.map(({ text }) => text).join('');
}

/** Neighbouring runs of one look as one, whether in code or not; without those that are empty. */
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

/** For messages about text: JSON, so that what cannot be seen is seen; its beginning if it is long. */
export function quoted(text: string): string {
  const json = JSON.stringify(text).replace(/(?![\x20-\x7e])[\p{C}\p{Z}\p{M}]/gu, (char) => {
    return `\\u{${char.codePointAt(0)!.toString(16)}}`;
  });
  return json.length > 400 ? `${json.slice(0, 400)}… (${text.length})` : json;
}

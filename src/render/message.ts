/**
 * A message as a tree, platform-neutral until an adapter formats it.
 *
 * Every `text` and `code` is literal. It is already in its shown form (well-formed Unicode without control,
 * bidi-control or invisible characters) but may contain text that a platform would read as markup, a mention or a link;
 * the adapter must keep it literal. A `link` has an allowed target, absolute and in its normal form. A `text` or `code`
 * is one line (`␤` stands for the line breaks of a value); a `codeBlock` may have several. Trees from `render/` nest at
 * most 50 levels of blocks and 50 of inlines, and contain no blank nodes.
 */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'del' | 'spoiler'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly url: string; readonly children: readonly Inline[] }
  | { readonly kind: 'break' }
  | Spoken;

/** Content that each chat writes in its own way. `text` is shown where a place has no such way: literal, one line. */
export type Spoken =
  /** A command without the sign of a chat, as one would type it: `unmute m2`. */
  | { readonly kind: 'command'; readonly text: string }
  /** A person by the platform's id, who is not pinged. */
  | { readonly kind: 'person'; readonly id: string; readonly text: string }
  /** An instant, Unix milliseconds. `moment`: date and time; `distance`: how long ago or until then. */
  | {
      readonly kind: 'time';
      readonly at: number;
      readonly style: 'moment' | 'distance' | 'both';
      readonly text: string;
    };

export type Block =
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly children: readonly Inline[] }
  | { readonly kind: 'quote'; readonly children: readonly Block[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'codeBlock'; readonly text: string }
  | { readonly kind: 'rule' };

/** A named value beside the body, shown in a row if `inline`. */
export interface Field {
  readonly name: readonly Inline[];
  readonly value: readonly Inline[];
  readonly inline: boolean;
}

export interface Message {
  /** One line above the body; null if the template has none. */
  readonly title: readonly Inline[] | null;
  /** Target of the title; an allowed link. */
  readonly url: string | null;
  /** `#rrggbb`. */
  readonly color: string | null;
  readonly body: readonly Block[];
  readonly fields: readonly Field[];
  readonly footer: readonly Inline[] | null;
  readonly image: string | null;
  /** The link to metasmoke, which must survive any cut; null if the event has none. */
  readonly link: string | null;
}

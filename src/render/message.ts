/**
 * A message as a tree, platform-neutral until an adapter formats it.
 *
 * Every `text` and `code` is literal: it is in its shown form already (well-formed Unicode, no control, bidi-control or
 * invisible characters) but may still hold what a platform would read as markup, a mention or a link. Keeping it literal
 * in the platform's own language is the adapter's duty. A `link` is one of those that Lookout may show, its address absolute
 * and in its normal form. A `text` or `code` is one line (`␤` stands for the line breaks of a value); a `codeBlock` may have
 * several. Trees from `render/` nest at most 50 deep in blocks and 50 in inlines, and hold nothing that is blank.
 */
export type Inline =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'strong' | 'em' | 'del' | 'spoiler'; readonly children: readonly Inline[] }
  | { readonly kind: 'link'; readonly url: string; readonly children: readonly Inline[] }
  | { readonly kind: 'break' };

export type Block =
  | { readonly kind: 'paragraph'; readonly children: readonly Inline[] }
  | { readonly kind: 'heading'; readonly level: 1 | 2 | 3; readonly children: readonly Inline[] }
  | { readonly kind: 'quote'; readonly children: readonly Block[] }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Block[])[] }
  | { readonly kind: 'codeBlock'; readonly text: string }
  | { readonly kind: 'rule' };

/** One named value beside the body, shown in a row where `inline`. */
export interface Field {
  readonly name: readonly Inline[];
  readonly value: readonly Inline[];
  readonly inline: boolean;
}

export interface Message {
  /** One line above the body; null where the template has none. */
  readonly title: readonly Inline[] | null;
  /** Where the title leads; one of the links that Lookout may show. */
  readonly url: string | null;
  /** `#rrggbb`. */
  readonly color: string | null;
  readonly body: readonly Block[];
  readonly fields: readonly Field[];
  readonly footer: readonly Inline[] | null;
  readonly image: string | null;
  /** The link to metasmoke that a cut must never take away; null where the event has none. */
  readonly link: string | null;
}

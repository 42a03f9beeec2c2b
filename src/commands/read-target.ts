import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Reference, SourceLinks } from '../catalogue/source-kind.ts';
import { postSubject } from '../catalogue/subject.ts';
import type { PlatformRules } from '../config/platform.ts';
import { nearest } from '../text/nearest.ts';

/** The message, post or other row that a person means. */
export type Target =
  /** A message that a room shows, by the platform's id. */
  | { readonly kind: 'message'; readonly platformId: string }
  | Reference
  /** A bare number: a message's id if there is such a one, else a post's. */
  | { readonly kind: 'number'; readonly number: string }
  /** Nothing that was understood; `meant`: what it may be, `post:12`. */
  | { readonly kind: 'unclear'; readonly meant: string | null };

/** The parts by which a text is understood. */
export interface TargetParts {
  /** The platforms whose links lead to messages. */
  readonly platforms: readonly PlatformRules[];
  readonly links: SourceLinks;
  readonly catalogue: Catalogue;
}

/** The pieces of a text that may be links: Markdown and brackets around them are no part of them. */
const piece = /[^\s<>()[\]{}"'`|*“”‘’«»]+/g;
const around = /^[,;:]+|(?:[.,;:!?…_~]|&gt;)+$/g;

/**
 * Reads a link to a message, a link to the source or to a post, a subject (`post:12`, `post 12`), or an id. A text with
 * several links, such as the report of SmokeDetector in a chat, means the first that leads to a post or a message. Pure.
 */
export function readTarget(text: string, parts: TargetParts): Target {
  const written = text.trim();
  const [, number] = /^#?(\d{1,30})$/.exec(written) ?? [];
  if (number !== undefined) return { kind: 'number', number };
  const subject = readSubject(written, parts);
  if (subject !== null) return subject;
  const found = [...written.matchAll(piece)].flatMap(([one]) => readPiece(one.replaceAll(around, ''), parts) ?? []);
  return found.find(({ kind }) => kind !== 'other') ?? found[0] ?? { kind: 'unclear', meant: null };
}

function readPiece(text: string, parts: TargetParts): Target | null {
  const { platforms, links } = parts;
  const [platformId] = platforms.flatMap((platform) => platform.messageId(text) ?? []);
  if (platformId !== undefined) return { kind: 'message', platformId };
  const reference = links.read(text);
  if (reference !== null) return reference;
  const subject = readSubject(text, parts);
  return subject?.kind === 'subject' ? subject : null;
}

/** Reads `post:12`, `Posts #12`, `flag_log:7`, `source:metasmoke`; null for a text of another form. */
function readSubject(text: string, { catalogue, links }: TargetParts): Target | null {
  const [, word = '', id] = /^([a-z][a-z_]{0,63})\s*(?:[:#]|\s)\s*#?([\w.-]{1,100})$/i.exec(text) ?? [];
  if (id === undefined) return null;
  const name = word.toLowerCase();
  if (name === 'source') return { kind: 'subject', subject: `source:${id}` };
  const models = catalogue.names.flatMap((each) => catalogue.model(each) ?? []);
  const model = models.find((each) => each.singular === name || each.name === name);
  if (model?.role === 'report') {
    const subject = postSubject(id);
    return links.postPage(subject) === null ? { kind: 'unclear', meant: null } : { kind: 'subject', subject };
  }
  if (model !== undefined) return { kind: 'subject', subject: `${model.singular}:${id}` };
  const meant = nearest(
    name,
    models.map(({ singular }) => singular),
  );
  return { kind: 'unclear', meant: meant === null ? null : `${meant}:${id}` };
}

import { postSubject } from '../catalogue/subject.ts';
import type { PlatformRules } from '../config/platform.ts';

/** The message or subject that a person asks `why` about. */
export type Target =
  /** A message that a room shows, by the platform's id. */
  | { readonly kind: 'message'; readonly platformId: string }
  | { readonly kind: 'subject'; readonly subject: string }
  /** A bare number: a message's id if there is such a one, else a post's. */
  | { readonly kind: 'number'; readonly number: string };

/** Reads a link to a message, a link to metasmoke, a subject, or an id; null for what is none of these. */
export function readTarget(text: string, platforms: readonly PlatformRules[]): Target | null {
  const written = text.trim().replace(/^<(.*)>$/, '$1');
  const [platformId] = platforms.flatMap((platform) => platform.messageId(written) ?? []);
  if (platformId !== undefined) return { kind: 'message', platformId };
  const [, post] = /^(?:https?:)?\/\/metasmoke\.erwaysoftware\.com\/post\/(\d+)/.exec(written) ?? [];
  if (post !== undefined) return { kind: 'subject', subject: postSubject(post) };
  const subject = /^([a-z][a-z_]{0,63}):(\S{1,100})$/.exec(written);
  if (subject) return { kind: 'subject', subject: written };
  return /^\d{1,30}$/.test(written) ? { kind: 'number', number: written } : null;
}

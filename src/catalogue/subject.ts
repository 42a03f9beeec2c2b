import type { EventObject, Json } from '../words.ts';
import type { ModelInfo } from './catalogue.ts';

/**
 * Returns a row's id as decimal text, from a JSON number as metasmoke sends it, or from text as GraphQL does. Null for
 * anything else, including text of more than one word, because an id becomes part of keys and links.
 */
export function idText(value: Json | undefined): string | null {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value).toString() : null;
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value) ? value : null;
}

/**
 * Returns the subject of an event: `post:123` for a post and everything that leads to it (by `post_id`, or as a review
 * item's reviewable), else `<singular model>:<id>`, or, without a row, `source:<name>`.
 */
export function subjectOf(source: string, model: ModelInfo, rowId: string | null, object: EventObject): string {
  if (!model.hasRows) return `source:${source}`;
  if (model.role === 'report' && rowId !== null) return postSubject(rowId);
  const postId = idText(object.post_id);
  if (postId !== null) return postSubject(postId);
  if (model.role === 'review_item' && object.reviewable_type === 'Post') {
    const reviewable = idText(object.reviewable_id);
    if (reviewable !== null) return postSubject(reviewable);
  }
  return rowId === null ? `source:${source}` : `${model.singular}:${rowId}`;
}

/** Returns true if the subject of a model's events may be a post; also for a model whose columns are unknown. */
export function leadsToPost({ role, fields }: Pick<ModelInfo, 'role' | 'fields'>): boolean {
  if (role === 'report' || role === 'review_item' || role === 'review') return true;
  return Object.keys(fields).length === 0 || Object.hasOwn(fields, 'post_id');
}

const postPrefix = 'post:';

/** The subjects of all posts, as a pattern of SQL's `like`. */
export const anyPostSubject = `${postPrefix}%`;

/** Returns the subject of a post: `post:123`. */
export function postSubject(id: string): string {
  return `${postPrefix}${id}`;
}

/** Returns the id of the post that a subject names: `123`; null for any other subject. */
export function postIdOf(subject: string): string | null {
  return subject.startsWith(postPrefix) ? subject.slice(postPrefix.length) : null;
}

/** Returns the same id if it is a number, as all of metasmoke's are; otherwise null. */
export function postNumberOf(subject: string): string | null {
  const id = postIdOf(subject);
  return id !== null && /^\d+$/.test(id) ? id : null;
}

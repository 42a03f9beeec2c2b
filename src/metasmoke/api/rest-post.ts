import type { AskedPost, FetchedPost } from '../../catalogue/fetched-post.ts';
import { idText } from '../../catalogue/subject.ts';
import { type JsonObject, listOf, objectOf, textOf } from '../../text/json.ts';
import { numberOf } from './graphql-row.ts';
import { readReasons } from './read-reasons.ts';

/** A part of a post that REST lists by itself. */
export interface Part {
  readonly name: 'reasons' | 'flags' | 'feedbacks' | 'deletionLogs';
  readonly path: string;
  /** The model of its rows; null: no model. */
  readonly model: string | null;
}

/** The rows of each part whose list is complete. */
export type FoundParts = { [name in Part['name']]?: readonly JsonObject[] };

/** Returns the requested parts of a post. `row`: the post's own. */
export function partsOf({ id, wants }: AskedPost, row: JsonObject): readonly Part[] {
  const parts: Part[] = [];
  // The API answers with lists of rows, or with one object of another format, always under `items`.
  if (wants.has('reasons')) parts.push({ name: 'reasons', path: `posts/${id}/reasons`, model: null });
  if (wants.has('flags')) parts.push({ name: 'flags', path: `posts/${id}/flags`, model: null });
  if (!wants.has('feedbacks')) return parts;
  parts.push({ name: 'feedbacks', path: `feedbacks/post/${id}`, model: 'feedbacks' });
  // The post's own row says if it is deleted, if the API returns all columns.
  if (!('deleted_at' in row))
    parts.push({ name: 'deletionLogs', path: `deletions/post/${id}`, model: 'deletion_logs' });
  return parts;
}

/** Makes a post of its row and its parts. `isWhole`: no part failed. */
export function readPost(id: string, row: JsonObject, found: FoundParts, isWhole: boolean): FetchedPost {
  const reasons = readReasons(found.reasons ?? null);
  const flags = found.flags?.[0];
  const autoflagged = objectOf(flags?.autoflagged);
  const areReasonsClear = found.reasons === undefined || reasons !== null;
  const areFlagsClear = found.flags === undefined || typeof autoflagged.flagged === 'boolean';
  const flaggers = [...listOf(autoflagged.users), ...listOf(objectOf(flags?.manual_flags).users)];
  return {
    id,
    row: { ...row, ...(autoflagged.flagged === true && { autoflagged: true }) },
    siteId: numberOf(row.site_id),
    reasons,
    domains: null,
    feedbacks: found.feedbacks ?? null,
    // REST has no list of flag logs, only if a post was autoflagged, and by whom.
    flagLogs: null,
    deletionLogs: found.deletionLogs ?? null,
    knowsFlags: found.flags !== undefined && areFlagsClear,
    flaggers: { by: 'user', names: new Map(flaggers.flatMap((user) => nameOf(objectOf(user)))) },
    isWhole: isWhole && areReasonsClear && areFlagsClear,
  };
}

/** Returns the id and the name of a user; nothing if one of them is missing. */
function nameOf({ id, username }: JsonObject): readonly (readonly [string, string])[] {
  const [userId, name] = [idText(id as never), textOf(username)];
  return userId === null || name === null ? [] : [[userId, name]];
}

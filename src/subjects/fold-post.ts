import { countEach } from '../count-each.ts';
import { isAutoflag } from '../metasmoke/autoflag.ts';
import { absoluteUrl, isTrustedUrl } from '../metasmoke/links.ts';
import type { Event } from '../words.ts';

/** How a post stands. */
export interface PostState {
  readonly title: string | null;
  /** `apple.stackexchange.com`; null where no row of the post is known. */
  readonly site: string | null;
  readonly fate: 'stands' | 'deleted' | 'removed';
  readonly isAutoflagged: boolean;
  /** How many feedbacks of each kind stand: `tp`, `fp`, `naa`. */
  readonly feedbacks: ReadonlyMap<string, number>;
}

/** Folds what is known about a post, in the order in which it is given, into how it stands now. */
export function foldPost(events: readonly Event[]): PostState {
  let title: string | null = null;
  let site: string | null = null;
  let fate: PostState['fate'] = 'stands';
  let isAutoflagged = false;
  const feedbacks = new Map<string, string>();
  for (const event of events) {
    const { object, type, rowId } = event;
    if (event.model === 'posts') {
      title = typeof object.title === 'string' ? object.title : title;
      site = siteOf(object.link) ?? site;
      isAutoflagged ||= object.autoflagged === true;
      if (type === 'destroy') fate = 'removed';
      else if (fate !== 'removed') fate = typeof object.deleted_at === 'string' ? 'deleted' : 'stands';
    } else if (event.model === 'deletion_logs' && type === 'create' && fate !== 'removed')
      fate = object.is_deleted === false ? 'stands' : 'deleted';
    else if (event.model === 'feedbacks' && rowId !== null) {
      const kind =
        typeof object.feedback_type === 'string' ? /^(tp|fp|naa)/.exec(object.feedback_type)?.[1] : undefined;
      if (type === 'destroy' || object.is_invalidated === true || kind === undefined) feedbacks.delete(rowId);
      else feedbacks.set(rowId, kind);
    }
    isAutoflagged ||= isAutoflag(event);
  }
  return { title, site, fate, isAutoflagged, feedbacks: countEach(feedbacks.values()) };
}

function siteOf(link: unknown): string | null {
  if (typeof link !== 'string' || !isTrustedUrl(link)) return null;
  return URL.parse(absoluteUrl(link))?.hostname ?? null;
}

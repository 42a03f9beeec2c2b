import type { Event } from '../words.ts';
import type { PostState } from './post-state.ts';

/** What a card shows as its event: the report, with the newest that is known of its row; a destroy once the report is removed. */
export function cardEvent(subject: string, source: string, state: PostState, events: readonly Event[]): Event {
  const report = events.find(({ model, type }) => model === 'posts' && type === 'create');
  return {
    source,
    model: 'posts',
    class: 'Post',
    type: state.fate === 'removed' ? 'destroy' : 'create',
    rowId: subject.slice(subject.indexOf(':') + 1),
    subject,
    updatedAt: report?.updatedAt ?? null,
    receivedAt: report?.receivedAt ?? state.reportedAt ?? 0,
    origin: report?.origin ?? 'live',
    object: state.row,
  };
}

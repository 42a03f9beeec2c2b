import type { Event } from '../words.ts';
import type { Report } from './fold-store.ts';
import type { PostState } from './post-state.ts';

/** What a card shows as its event: the report, with the newest that is known of its row; a destroy once the report is removed. */
export function cardEvent(subject: string, source: string, state: PostState, report: Report | null): Event {
  return {
    source,
    model: 'posts',
    class: 'Post',
    type: state.fate === 'removed' ? 'destroy' : 'create',
    rowId: subject.slice(subject.indexOf(':') + 1),
    subject,
    updatedAt: report?.updated_at ?? null,
    receivedAt: report?.received_at ?? state.reportedAt ?? 0,
    origin: report?.origin ?? 'live',
    object: state.row,
  };
}

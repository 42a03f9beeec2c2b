import type { Role } from '../words.ts';

/** The models that have a role. */
export const roles: Readonly<Partial<Record<string, Role>>> = {
  posts: 'report',
  feedbacks: 'vote',
  flag_logs: 'flag',
  deletion_logs: 'deletion',
  post_comments: 'comment',
  review_items: 'review_item',
  review_results: 'review',
  smoke_detectors: 'detector',
  statistics: 'statistic',
};

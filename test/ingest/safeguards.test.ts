import { describe, expect, it } from 'vitest';
import { awaitPostUntil } from '../../src/ingest/safeguards.ts';
import { anEvent } from '../support/events.ts';

const aboutPost = (id: number, more = {}) => anEvent({ model: 'feedbacks', subject: `post:${id}`, id: 1, ...more });

describe('waiting for a post', () => {
  it('is for an event about a newer post than any seen, 500 ms from its arrival', () => {
    expect(awaitPostUntil(aboutPost(8, { receivedAt: 1_000 }), true, 7)).toBe(1_500);
  });

  it.each([
    ['about a post that was seen', aboutPost(7), true],
    ['where posts are not asked for', aboutPost(8), false],
    ['that was fetched', { ...aboutPost(8), origin: 'backfilled' as const }, true],
    ['about no post', anEvent({ model: 'announcements', subject: 'announcement:8', id: 8 }), true],
    ['that is the create of a post', anEvent({ model: 'posts', type: 'create', subject: 'post:8', id: 8 }), true],
  ])('is not for something %s', (_, event, asksForPosts) => {
    expect(awaitPostUntil(event, asksForPosts, 7)).toBeNull();
  });
});

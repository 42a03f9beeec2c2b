import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/text/nearest.ts';

describe('the nearest known name', () => {
  const known = [
    'posts',
    'post_comments',
    'feedbacks',
    'flag_logs',
    'user_reputation',
    'stack_exchange_users',
    'users',
    'url',
  ];

  it.each([
    ['post', 'posts'],
    ['Posts', 'posts'],
    ['psots', 'posts'],
    ['feedback', 'feedbacks'],
    ['flag_log', 'flag_logs'],
    ['flaglogs', 'flag_logs'],
    ['user_reputaton', 'user_reputation'],
    ['reputation', 'user_reputation'],
    ['comments', 'post_comments'],
    ['exchange', 'stack_exchange_users'],
    ['user_rep', 'user_reputation'],
    ['rul', 'url'],
  ])('of %s is %s', (word, name) => {
    expect(nearest(word, known)).toBe(name);
  });

  it.each(['', 'x', 'weather', 'constructor', 'p'.repeat(100_000)])('does not exist for %.20s', (word) => {
    expect(nearest(word, known)).toBeNull();
  });

  it('does not exist if no name is known', () => {
    expect(nearest('posts', [])).toBeNull();
  });
});

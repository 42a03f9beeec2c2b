import { describe, expect, it } from 'vitest';
import { objectColumns, objectOfColumns } from '../../src/store/event-columns.ts';
import type { EventObject } from '../../src/words.ts';

describe('the columns of an event', () => {
  it('keep long texts apart, and give the whole row again', () => {
    const object: EventObject = {
      id: 5,
      body: 'long',
      title: 'a\u0000b\ud800',
      why: null,
      created_at: '2026-01-02T03:04:05Z',
    };
    const columns = objectColumns(object, '5');
    expect(columns).toMatchObject({ text_names: 'body why', row_number: 5, made_at: Date.UTC(2026, 0, 2, 3, 4, 5) });
    expect(columns.object).not.toContain('long');
    expect(objectOfColumns(columns)).toEqual(object);
  });

  it('hold nothing that is not of its kind, whatever a server answers', () => {
    const object: EventObject = {
      user_name: 5,
      user_id: '5',
      api_quota: 1.5,
      smoke_detector_id: 1e300,
      review_item_id: [1],
    };
    expect(objectColumns(object, '9'.repeat(30))).toMatchObject({
      ...{ texts: null, text_names: null, row_number: null, made_at: null, detector: null },
      ...{ quota: null, review_item: null, user_id: null, user_name: null },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { identify } from '../../src/catalogue/identity.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';

const catalogue = createCatalogue();

function identity(event_class: string, event_type: string, object: unknown, source = 'metasmoke', receivedAt = 1) {
  const decoded = decode(
    { event_type, event_class, object },
    { source, receivedAt, origin: 'live', catalogue, siteOf: () => null },
  );
  if (decoded.outcome !== 'event') throw new Error(decoded.outcome);
  return identify(decoded.event);
}

const at = '2025-07-06T15:09:00.000Z';

describe('the identity of an event', () => {
  it.each(['create', 'destroy'])('is the id of a %s for ever, whatever the row contains', (type) => {
    const first = identity('Post', type, { id: 1, title: 'a' });
    expect(first).toEqual(identity('Post', type, { id: '1', title: 'b', updated_at: at }, 'metasmoke', 2));
    expect(first.forgetAfterMs).toBeNull();
  });

  it('differs between types, ids, models and sources', () => {
    const keys = [
      identity('Post', 'create', { id: 1 }),
      identity('Post', 'destroy', { id: 1 }),
      identity('Post', 'update', { id: 1 }),
      identity('Post', 'create', { id: 2 }),
      identity('Feedback', 'create', { id: 1 }),
      identity('Post', 'create', { id: 1 }, 'other'),
    ].map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is the time and the row of an update, with its columns in any order', () => {
    const first = identity('Post', 'update', { id: 1, updated_at: at, a: { x: 1, y: [1, 2] } });
    expect(identity('Post', 'update', { a: { y: [1, 2], x: 1 }, updated_at: at, id: 1 })).toEqual(first);
    expect(first.forgetAfterMs).toBeNull();
  });

  it('is the same when the name of its site is known only the second time', () => {
    const object = { id: 1, updated_at: at, site_id: 1 };
    const message = { event_type: 'update', event_class: 'Post', object };
    const told = { source: 'metasmoke', receivedAt: 1, origin: 'live', catalogue } as const;
    const named = decode(message, { ...told, siteOf: () => 'stackoverflow.com' });
    expect(named.outcome === 'event' && identify(named.event)).toEqual(identity('Post', 'update', object));
  });

  it('differs between two different updates in one second', () => {
    const of = (row: object) => identity('Post', 'update', { id: 1, updated_at: at, ...row }).key;
    const keys = [
      of({}),
      of({ a: 1 }),
      of({ a: '1' }),
      of({ a: [1, 2] }),
      of({ a: [2, 1] }),
      of({ a: null }),
      of({ a: '\ud800' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is forgotten after ten minutes for an update without a time', () => {
    expect(identity('Reason', 'update', { id: 1, weight: 5 })).toEqual({
      key: identity('Reason', 'update', { id: 1, weight: 5 }).key,
      forgetAfterMs: 600_000,
    });
    expect(identity('Reason', 'update', { id: 1, weight: 6 }).key).not.toBe(
      identity('Reason', 'update', { id: 1, weight: 5 }).key,
    );
  });

  it('is the content if there is no row, for ten minutes', () => {
    const push = identity('Ref', 'update', { sha: 'a' });
    expect(push.forgetAfterMs).toBe(600_000);
    expect(identity('Ref', 'update', { sha: 'b' }).key).not.toBe(push.key);
    expect(identity('Odd', 'create', { text: 'a' }).forgetAfterMs).toBe(600_000);
  });

  it('does not change from one version to the next', () => {
    expect(identity('Post', 'create', { id: 1 }).key).toBe('["metasmoke","posts","1","create"]');
    expect(identity('Post', 'update', { id: 1, b: [true, null], a: 'x', updated_at: at }).key).toBe(
      '["metasmoke","posts","1","update","2025-07-06T15:09:00.000Z","Y7pcn0lvosQluOjLFOXXvVN36hhDApzzLJBsbu2pPQs"]',
    );
  });
});

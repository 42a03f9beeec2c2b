import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';
import type { Event } from '../../src/words.ts';

const context = {
  source: 'metasmoke',
  receivedAt: 1_700_000_000_000,
  origin: 'live',
  catalogue: createCatalogue(),
  siteOf: () => null,
} as const;

const post = {
  id: 123,
  title: 'buy',
  link: '//stackoverflow.com/a/1',
  updated_at: '2025-07-06T15:09:00.000Z',
  tags: ['a', 'b'],
};

function event(event_class: string, object: unknown, event_type = 'create'): Event {
  const decoded = decode({ event_type, event_class, object }, context);
  if (decoded.outcome !== 'event') throw new Error(JSON.stringify(decoded));
  return decoded.event;
}

describe('decoding', () => {
  it('turns a documented message into an event', () => {
    expect(event('Post', post, 'update')).toEqual({
      source: 'metasmoke',
      model: 'posts',
      class: 'Post',
      role: 'report',
      type: 'update',
      rowId: '123',
      subject: 'post:123',
      updatedAt: '2025-07-06T15:09:00.000Z',
      receivedAt: 1_700_000_000_000,
      origin: 'live',
      object: { ...post, site: 'stackoverflow.com' },
    });
  });

  it.each([
    ['the one of its id', { site_id: 5, link: '//stackoverflow.com/a/1' }, 'math.stackexchange.com'],
    [
      'the host of its link, if the id is not known',
      { site_id: 6, link: '//StackOverflow.com/a/1' },
      'stackoverflow.com',
    ],
    ['the host of its link, if it has no id', { link: 'https://meta.superuser.com/q/1' }, 'meta.superuser.com'],
    ['not known without either', { site_id: 6, link: 'x' }, undefined],
    ['not what the row says', { site: 'x', link: '//stackoverflow.com/a/1' }, 'stackoverflow.com'],
  ])('gives a report the name of its site: %s', (_, row, site) => {
    const siteOf = (id: number) => (id === 5 ? 'math.stackexchange.com' : null);
    const message = { event_type: 'create', event_class: 'Post', object: { id: 1, ...row } };
    const decoded = decode(message, { ...context, siteOf });
    expect(decoded.outcome === 'event' && decoded.event.object.site).toBe(site);
  });

  it('accepts an id as number or text, with the same result', () => {
    expect(event('Post', { id: 2 ** 40 }).rowId).toBe('1099511627776');
    expect(event('Post', { id: '2147483648' }).rowId).toBe('2147483648');
    expect(event('Post', { id: 1e21 }).rowId).toBe('1000000000000000000000');
  });

  it.each([
    ['nothing', undefined, 'is missing'],
    ['null', null, 'is null'],
    ['a fraction', 1.5, 'is a number'],
    ['infinity', Number.POSITIVE_INFINITY, 'is a number'],
    ['text with blanks', '1 2', 'is a string'],
    ['a path', '../1', 'is a string'],
    ['an object', {}, 'is a object'],
  ])('rejects %s as the id of a known model', (_, id, reason) => {
    const decoded = decode({ event_type: 'create', event_class: 'Post', object: { id } }, context);
    expect(decoded).toMatchObject({ outcome: 'malformed', reason: expect.stringContaining(reason) });
  });

  it('gives an unknown class the model that Rails would name so', () => {
    expect(event('SpamWave', { id: 5 })).toMatchObject({ model: 'spam_waves', subject: 'spam_wave:5', rowId: '5' });
    expect(event('Admin::Note', { text: 'x' })).toMatchObject({
      model: 'admin_notes',
      rowId: null,
      subject: 'source:metasmoke',
    });
  });

  it('decodes a ref as an event without a row, whatever GitHub calls its id', () => {
    const payload = {
      id: 9,
      post_id: 1,
      updated_at: '2025-07-06T15:09:00Z',
      deployment: { sha: 'abc', creator: { login: 'x' } },
    };
    expect(event('Ref', payload, 'update')).toMatchObject({
      model: 'ref',
      rowId: null,
      subject: 'source:metasmoke',
      updatedAt: null,
      object: payload,
    });
  });

  it.each([
    ['Feedback', { id: 1, post_id: 7 }, 'post:7'],
    ['FlagLog', { id: 1, post_id: 7 }, 'post:7'],
    ['DeletionLog', { id: 1, post_id: '7' }, 'post:7'],
    ['PostComment', { id: 1, post_id: 7 }, 'post:7'],
    ['ReviewItem', { id: 1, reviewable_type: 'Post', reviewable_id: 7 }, 'post:7'],
    ['ReviewItem', { id: 1, reviewable_type: 'SpamDomain', reviewable_id: 7 }, 'review_item:1'],
    ['ReviewItem', { id: 1, reviewable_type: 'Post', reviewable_id: null }, 'review_item:1'],
    ['FlagLog', { id: 1, post_id: null }, 'flag_log:1'],
    ['Statistic', { id: 1 }, 'statistic:1'],
    ['AbuseReportStatus', { id: 1 }, 'abuse_report_status:1'],
  ])('finds the subject of a %s %j', (eventClass, object, subject) => {
    expect(event(eventClass, object).subject).toBe(subject);
  });

  it('has no time of change if the row has none, or an invalid one', () => {
    expect(event('Reason', { id: 1 }).updatedAt).toBeNull();
    expect(event('Post', { id: 1, updated_at: 'yesterday' }).updatedAt).toBeNull();
    expect(event('Post', { id: 1, updated_at: 5 }).updatedAt).toBeNull();
  });

  it('drops private columns before any other code sees the row', () => {
    const user = {
      id: 1,
      username: 'u',
      email: 'a@b.c',
      unconfirmed_email: 'x',
      encrypted_password: 'x',
      reset_password_token: 'x',
      two_factor_token: 'x',
      enabled_2fa: true,
      salt: 'x',
      iv: 'x',
      eu_resident: true,
      encrypted_api_token_legacy: 'x',
      last_sign_in_ip: '::1',
      key: 'x',
    };
    expect(event('User', user).object).toEqual({ id: 1, username: 'u' });
    expect(event('AbuseContact', { id: 1, name: 'n', email: 'a@b.c' }).object).toEqual({ id: 1, name: 'n' });
    const secrets = { key: 'k', token: 't', code: 'c', access_token: 'a', Token: 't', keys: 1, country_code: 'de' };
    expect(event('APIToken', { id: 1, ...secrets }).object).toEqual({ id: 1, keys: 1, country_code: 'de' });
    expect(event('Whatever', { id: 1, ...secrets }).object).toEqual({ id: 1, keys: 1, country_code: 'de' });
  });

  it('keeps nested values and columns with odd names, and exposes no prototype', () => {
    const object = JSON.parse(
      '{"id":1,"__proto__":{"polluted":true},"constructor":{"prototype":1},"":[{"a":[1,null]}]}',
    );
    const row = event('Post', object).object;
    expect(JSON.parse(JSON.stringify(row))).toEqual(object);
    expect(Object.keys(row)).toEqual(['id', '__proto__', 'constructor', '']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it.each([
    [{ feedback: { id: 1 } }],
    [{ flag_log: { id: 1 } }],
    [{ not_flagged: {} }],
    [{ deletion_log: {} }],
    [{ statistic: null }],
  ])('ignores the legacy message %j', (message) => {
    expect(decode(message, context)).toEqual({ outcome: 'ignored' });
  });

  it.each([
    [null],
    [undefined],
    ['text'],
    [5],
    [[]],
    [{}],
    [{ event_type: 'create' }],
    [{ event_type: 'created', event_class: 'Post', object: { id: 1 } }],
    [{ event_type: ['create'], event_class: 'Post', object: { id: 1 } }],
    [{ event_type: 'create', event_class: 'Post' }],
    [{ event_type: 'create', event_class: 'Post', object: null }],
    [{ event_type: 'create', event_class: 'Post', object: [] }],
    [{ event_type: 'create', event_class: 'Post', object: 'x' }],
    [{ event_type: 'create', event_class: '', object: { id: 1 } }],
    [{ event_type: 'create', event_class: 'post', object: { id: 1 } }],
    [{ event_type: 'create', event_class: 'A'.repeat(101), object: { id: 1 } }],
    [{ event_type: 'create', event_class: null, object: { id: 1 } }],
    [Object.create({ event_type: 'create', event_class: 'Post', object: { id: 1 } })],
  ])('calls %j malformed', (message) => {
    expect(decode(message, context).outcome).toBe('malformed');
  });

  it('rejects a row that is nested too deeply to be stored', () => {
    const nest = (depth: number) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(event('Post', { id: 1, x: nest(60) }).rowId).toBe('1');
    const deep = decode({ event_type: 'create', event_class: 'Post', object: { id: 1, x: nest(200_000) } }, context);
    expect(deep).toMatchObject({ outcome: 'malformed', reason: expect.stringContaining('nested') });
  });

  it('quotes nothing of the row in its reasons', () => {
    const secret = 'hunter2';
    for (const message of [
      { event_type: secret, event_class: 'Post', object: {} },
      { event_type: 'create', event_class: `${secret} x`, object: {} },
      { event_type: 'create', event_class: 'Post', object: secret },
      { event_type: 'create', event_class: 'Post', object: { id: `${secret} x` } },
    ]) {
      expect(JSON.stringify(decode(message, context))).not.toContain(secret);
    }
  });

  it('never throws on any JSON', () => {
    const message = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          event_type: fc.oneof(fc.constantFrom('create', 'update', 'destroy'), fc.jsonValue()),
          event_class: fc.oneof(fc.constantFrom('Post', 'Ref', 'Odd'), fc.jsonValue()),
          object: fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(message, (value) => {
        expect(['event', 'ignored', 'malformed']).toContain(decode(value, context).outcome);
      }),
    );
  });
});

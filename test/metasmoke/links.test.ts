import { describe, expect, it } from 'vitest';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { decode } from '../../src/metasmoke/decode.ts';
import { isTrustedUrl, metasmokeLink } from '../../src/metasmoke/links.ts';
import { absoluteUrl } from '../../src/text/absolute-url.ts';

const catalogue = createCatalogue();

function link(event_class: string, object: object, event_type = 'create') {
  const decoded = decode(
    { event_type, event_class, object },
    { source: 's', receivedAt: 0, origin: 'live', catalogue, siteOf: () => null },
  );
  if (decoded.outcome !== 'event') throw new Error(decoded.outcome);
  return metasmokeLink(decoded.event)?.replace('https://metasmoke.erwaysoftware.com/', '');
}

describe('the link to metasmoke', () => {
  it.each([
    ['Post', { id: 123 }, 'post/123'],
    ['Feedback', { id: 1, post_id: 123 }, 'post/123'],
    ['FlagLog', { id: 1, post_id: 123 }, 'post/123'],
    ['ReviewItem', { id: 1, reviewable_type: 'Post', reviewable_id: 123 }, 'post/123'],
    ['Reason', { id: 4 }, 'reason/4'],
    ['SpamDomain', { id: 4 }, 'domains/4'],
    ['DomainTag', { id: 4 }, 'domains/tags/4'],
    ['SmokeDetector', { id: 4 }, 'smoke_detector/4/statistics'],
    ['Statistic', { id: 9, smoke_detector_id: 4 }, 'smoke_detector/4/statistics'],
    ['StackExchangeUser', { id: 4 }, 'spammers/4'],
    ['AbuseReport', { id: 4 }, 'abuse/reports/4'],
    ['AbuseComment', { id: 9, abuse_report_id: 4 }, 'abuse/reports/4'],
    ['Announcement', { id: 4 }, 'announcements'],
  ])('of %s %j is %s', (eventClass, object, page) => {
    expect(link(eventClass, object)).toBe(page);
  });

  it('is null if there is no page', () => {
    expect(link('Statistic', { id: 9, smoke_detector_id: null })).toBeUndefined();
    expect(link('FlagSetting', { id: 9 })).toBeUndefined();
    expect(link('Ref', { id: 9 })).toBeUndefined();
    expect(link('Reason', { id: 4 }, 'destroy')).toBeUndefined();
    expect(link('Reason', { id: 'x-y' })).toBeUndefined();
    expect(link('Constructor', { id: 1 })).toBeUndefined();
    expect(link('Feedback', { id: 1, post_id: '1/../../admin' })).toBeUndefined();
  });
});

describe('URLs from a row', () => {
  it.each([
    '//stackoverflow.com/a/1',
    'https://stackoverflow.com/questions/1#2',
    'http://stackoverflow.com',
    'https://stackoverflow.com?x',
    'HTTPS://StackOverflow.COM/a/1',
    '//es.stackoverflow.com/a/1',
    '//math.stackexchange.com/q/1',
    '//mathoverflow.net/q/1',
    '//meta.askubuntu.com/q/1',
    '//stackapps.com/q/1',
    'https://metasmoke.erwaysoftware.com/post/1',
    'https://cdn.sstatic.net/Sites/x/img/logo.png',
    'https://stackoverflow.com/a/äö)[x](y)',
  ])('trusts %s', (url) => {
    expect(isTrustedUrl(url)).toBe(true);
  });

  it.each([
    '',
    'stackoverflow.com/a/1',
    '/a/1',
    'https://',
    'https:///stackoverflow.com',
    'ftp://stackoverflow.com/',
    'javascript://stackoverflow.com/%0aalert(1)',
    'https:stackoverflow.com',
    'https://stackoverflow.com.evil.example/',
    'https://evilstackoverflow.com/',
    'https://stackoverflow.com@evil.example/',
    'https://user:pw@stackoverflow.com/',
    'https://stackoverflow.com:8443/',
    'https://stackoverflow.com./a',
    'https://stackoverflow.com\\@evil.example/',
    'https://evil.example\\.stackoverflow.com/',
    'https://evil.example/.stackoverflow.com',
    'https://evil.example#.stackoverflow.com',
    'https://evil.example?.stackoverflow.com',
    'https://stackoverflow.com/a b',
    'https://stackoverflow.com/a\nb',
    ' https://stackoverflow.com/',
    'https://stack\toverflow.com/',
    'https://stаckoverflow.com/', // a Cyrillic letter
    'https://stackoverflow。com/',
    'https://stackoverflow%2ecom/',
    'https://stackoverflow.com/\u202egnp.exe',
    'https://stackoverflow.com/\ud800',
    'https://i.sstatic.net/upload.png',
    'https://erwaysoftware.com/',
    'https://x.metasmoke.erwaysoftware.com/',
    'https://[::1]/',
  ])('are not trusted: %j', (url) => {
    expect(isTrustedUrl(url)).toBe(false);
  });

  it('are made absolute and percent-encoded', () => {
    expect(absoluteUrl('//stackoverflow.com/a/1')).toBe('https://stackoverflow.com/a/1');
    expect(absoluteUrl('http://stackoverflow.com/a/"<1>')).toBe('http://stackoverflow.com/a/%22%3C1%3E');
    expect(absoluteUrl('no link')).toBe('no link');
  });
});

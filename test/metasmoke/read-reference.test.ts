import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReference } from '../../src/metasmoke/read-reference.ts';

/** `post:1`, `answer 2 on stackoverflow.com`, or the words for a page that is about no post. */
function read(text: string): string | null {
  const reference = readReference(text);
  if (reference === null) return null;
  return reference.kind === 'subject' ? reference.subject : reference.what;
}

describe('a link that a person writes', () => {
  it.each([
    'https://metasmoke.erwaysoftware.com/post/1',
    'http://metasmoke.erwaysoftware.com/post/1/',
    '//metasmoke.erwaysoftware.com/post/1',
    'metasmoke.erwaysoftware.com/post/1',
    'm.erwaysoftware.com/post/1',
    'https://M.ErwaySoftware.com/post/1#lk-abc',
    'https://metasmoke.erwaysoftware.com/post/1/flag_logs',
    'https://metasmoke.erwaysoftware.com/post/1/body?x=2',
    'https://metasmoke.erwaysoftware.com/api/v2.0/posts/1?key=x',
    'https://metasmoke.erwaysoftware.com/api/v2.0/feedbacks/post/1',
  ])('is a post of metasmoke: %s', (text) => {
    expect(read(text)).toBe('post:1');
  });

  it.each([
    ['https://stackoverflow.com/questions/1', 'question 1 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/title', 'question 1 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/title?noredirect=1&lq=1', 'question 1 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/title/2#2', 'answer 2 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/title/2', 'answer 2 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/title/2?s=1|3.4#2', 'answer 2 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/title#2', 'answer 2 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/título?r=1', 'question 1 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/#comment5_6', 'post 6 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/1/title/2#comment5_2', 'post 2 on stackoverflow.com'],
    ['https://stackoverflow.com/q/1', 'question 1 on stackoverflow.com'],
    ['https://stackoverflow.com/q/1/456', 'question 1 on stackoverflow.com'],
    ['https://stackoverflow.com/a/2', 'answer 2 on stackoverflow.com'],
    ['https://stackoverflow.com/a/2/456', 'answer 2 on stackoverflow.com'],
    ['//stackoverflow.com/a/2', 'answer 2 on stackoverflow.com'],
    ['stackoverflow.com/a/2', 'answer 2 on stackoverflow.com'],
    ['http://www.stackoverflow.com/a/2', 'answer 2 on stackoverflow.com'],
    ['https://stackoverflow.com/posts/2/revisions', 'post 2 on stackoverflow.com'],
    ['https://stackoverflow.com/posts/2/edit', 'post 2 on stackoverflow.com'],
    ['https://stackoverflow.com/posts/2/timeline#history_x', 'post 2 on stackoverflow.com'],
    ['https://stackoverflow.com/revisions/2/3', 'post 2 on stackoverflow.com'],
    ['https://pt.stackoverflow.com/q/1', 'question 1 on pt.stackoverflow.com'],
    ['https://ja.meta.stackoverflow.com/q/1', 'question 1 on ja.meta.stackoverflow.com'],
    ['https://meta.stackexchange.com/q/1', 'question 1 on meta.stackexchange.com'],
    ['https://english.meta.stackexchange.com/q/1', 'question 1 on english.meta.stackexchange.com'],
    ['https://meta.english.stackexchange.com/q/1', 'question 1 on english.meta.stackexchange.com'],
    ['https://meta.superuser.com/q/1', 'question 1 on meta.superuser.com'],
    ['https://mathoverflow.net/q/1', 'question 1 on mathoverflow.net'],
    ['https://askubuntu.com/q/1', 'question 1 on askubuntu.com'],
    ['https://stackapps.com/q/1', 'question 1 on stackapps.com'],
    ['https://m.erwaysoftware.com/posts/uid/stackoverflow/2', 'post 2 on stackoverflow.com'],
    ['//m.erwaysoftware.com/posts/uid/ru.stackoverflow/2', 'post 2 on ru.stackoverflow.com'],
    ['m.erwaysoftware.com/posts/uid/meta.stackoverflow/2', 'post 2 on meta.stackoverflow.com'],
    ['m.erwaysoftware.com/posts/uid/meta/2', 'post 2 on meta.stackexchange.com'],
    ['m.erwaysoftware.com/posts/uid/english/2', 'post 2 on english.stackexchange.com'],
    ['m.erwaysoftware.com/posts/uid/english.meta/2', 'post 2 on english.meta.stackexchange.com'],
    ['m.erwaysoftware.com/posts/uid/mathoverflow.net/2', 'post 2 on mathoverflow.net'],
    ['m.erwaysoftware.com/posts/uid/meta.mathoverflow.net/2', 'post 2 on meta.mathoverflow.net'],
    ['m.erwaysoftware.com/posts/uid/meta.askubuntu/2', 'post 2 on meta.askubuntu.com'],
    ['https://metasmoke.erwaysoftware.com/posts/by-url?url=//stackoverflow.com/a/2', 'answer 2 on stackoverflow.com'],
    [
      'https://m.erwaysoftware.com/posts/by-url?url=https%3A%2F%2Fsuperuser.com%2Fquestions%2F1%2Ftitle',
      'question 1 on superuser.com',
    ],
  ])('is a post of a site: %s', (text, what) => {
    expect(read(text)).toBe(what);
  });

  it('has the forms in which links are stored', () => {
    expect(readReference('https://SuperUser.com/questions/007/x')).toMatchObject({
      links: ['//superuser.com/questions/7', '//superuser.com/a/7', '//superuser.com/q/7'],
    });
  });

  it.each([
    ['https://metasmoke.erwaysoftware.com/domains/5', 'spam_domain:5'],
    ['https://metasmoke.erwaysoftware.com/spammers/5', 'stack_exchange_user:5'],
    ['https://metasmoke.erwaysoftware.com/smoke_detector/5/statistics', 'smoke_detector:5'],
    ['https://metasmoke.erwaysoftware.com/search?title=x', 'a page of metasmoke that is about no post'],
    ['https://metasmoke.erwaysoftware.com/posts/by-url?url=x', 'a page of metasmoke whose url is not a link to a post'],
    ['https://stackoverflow.com/users/5/name', 'a page of stackoverflow.com that is not a post'],
    ['https://stackoverflow.com/questions/tagged/c', 'a page of stackoverflow.com that is not a post'],
    ['https://stackoverflow.com/posts/comments/5', 'a comment without its post'],
    ['https://chat.stackexchange.com/transcript/message/5#5', 'a page of the chat of Stack Exchange'],
    ['https://stackexchange.com/users/5', 'a page of stackexchange.com'],
  ])('is another page: %s', (text, what) => {
    expect(read(text)).toBe(what);
  });

  it.each([
    '',
    'post:1',
    '1',
    'status',
    'https://example.org/post/1',
    'https://stackoverflow.com.example.org/a/1',
    'a.b',
    'ftp://stackoverflow.com/a/1',
  ])('is nothing of the source: %j', (text) => {
    expect(read(text)).toBeNull();
  });

  it('is read whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withFragments: true })), (text) => void readReference(text)),
    );
    fc.assert(
      fc.property(fc.webPath(), fc.webFragments(), (path, hash) => {
        expect(readReference(`stackoverflow.com${path}#${hash}`)).not.toBeUndefined();
      }),
    );
  });
});

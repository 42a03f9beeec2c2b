import { describe, expect, it } from 'vitest';
import { platforms } from '../../src/adapters/platforms.ts';
import { readTarget } from '../../src/commands/read-target.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { links } from '../../src/metasmoke/links.ts';

const catalogue = createCatalogue();

/** The target in a few words. */
function read(text: string): string {
  const target = readTarget(text, { platforms, links, catalogue });
  switch (target.kind) {
    case 'message':
      return `message ${target.platformId}`;
    case 'subject':
      return target.subject;
    case 'link':
    case 'other':
      return target.what;
    case 'number':
      return `number ${target.number}`;
    case 'unclear':
      return `unclear${target.meant === null ? '' : `, ${target.meant}`}`;
    default:
      return target satisfies never;
  }
}

describe('what a person writes for a post or a message', () => {
  it.each([
    ['post:12', 'post:12'],
    ['Post 12', 'post:12'],
    ['posts #12', 'post:12'],
    ['flag_log:7', 'flag_log:7'],
    ['source:metasmoke', 'source:metasmoke'],
    ['12', 'number 12'],
    ['#12', 'number 12'],
    [' https://metasmoke.erwaysoftware.com/post/12 ', 'post:12'],
    ['<https://metasmoke.erwaysoftware.com/post/12>', 'post:12'],
    ['(see m.erwaysoftware.com/post/12).', 'post:12'],
    ['[MS](//m.erwaysoftware.com/post/12 "the report")', 'post:12'],
    ['**https://stackoverflow.com/a/12**, please!', 'answer 12 on stackoverflow.com'],
    ['`stackoverflow.com/q/12`', 'question 12 on stackoverflow.com'],
    ['“stackoverflow.com/q/12”?', 'question 12 on stackoverflow.com'],
    ['https://stackoverflow.com/questions/12/title?a=1&amp;b=2#comment3_13', 'post 13 on stackoverflow.com'],
    [
      '[ [SmokeDetector](//goo.gl/eLDYqh) | [MS](//m.erwaysoftware.com/posts/uid/superuser/12) ] Bad keyword (98): [x](//superuser.com/a/12) by [u](//superuser.com/users/1) on `superuser.com`',
      'post 12 on superuser.com',
    ],
    ['by //superuser.com/users/1 on //superuser.com/a/12', 'answer 12 on superuser.com'],
    ['https://matrix.to/#/!r:a.org/$event?via=a.org', 'message $event'],
    ['$event_id-1', 'message $event_id-1'],
    ['<https://discord.com/channels/1/2/345>', 'message 345'],
    ['https://chat.stackexchange.com/transcript/11540?m=5#5', 'a page of the chat of Stack Exchange'],
    ['psot:12', 'unclear, post:12'],
    ['post:12a', 'unclear'],
    ['https://example.org/a/12', 'unclear'],
    ['http://example.org', 'unclear'],
    ['what', 'unclear'],
    ['', 'unclear'],
  ])('is read: %s', (text, target) => {
    expect(read(text)).toBe(target);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { exportSubscriptions } from '../../src/rooms/export-subscriptions.ts';
import { mergeSubscriptions } from '../../src/rooms/merge-subscriptions.ts';
import { hostileText } from '../support/hostile-text.ts';

const added = { events: 'flags#create', where: null, template: null, address: 'console:hq' };
const block = exportSubscriptions([added]);
const merge = (text: string, what = block) => mergeSubscriptions(text, what);
const item = '- events: flags#create\n';

describe('subscriptions are put into a configuration', () => {
  it.each([
    ['without any', 'a: 1 # one\n', `a: 1 # one\nsubscriptions:\n  ${item}    rooms: console:hq\n`],
    ['without a line break at its end', 'a: 1', `a: 1\nsubscriptions:\n  ${item}    rooms: console:hq\n`],
    [
      'with an empty key',
      'subscriptions: # none\na: 1\n',
      `subscriptions: # none\n  ${item}    rooms: console:hq\na: 1\n`,
    ],
    [
      'with some, before other keys and comments',
      'subscriptions:\n    # first\n    - { events: posts } # why\n    # more\n\n# the rooms\nrooms: {}\n',
      `subscriptions:\n    # first\n    - { events: posts } # why\n    ${item}      rooms: console:hq\n    # more\n\n# the rooms\nrooms: {}\n`,
    ],
    [
      'with a list that is not indented',
      'subscriptions:\n- events: posts\n  where: |\n    true\nrooms: {}\n',
      `subscriptions:\n- events: posts\n  where: |\n    true\n${item}  rooms: console:hq\nrooms: {}\n`,
    ],
    [
      'that ends with them',
      'subscriptions:\n  - events: posts',
      `subscriptions:\n  - events: posts\n  ${item}    rooms: console:hq\n`,
    ],
    [
      'with the line breaks of Windows',
      'subscriptions:\r\n  - events: posts\r\n',
      `subscriptions:\r\n  - events: posts\r\n  ${item}    rooms: console:hq\n`.replaceAll(/\r?\n/g, '\r\n'),
    ],
  ])('%s', (_, text, expected) => {
    expect(merge(text)).toEqual({ outcome: 'merged', text: expected });
  });

  it('whatever their texts are', () => {
    const before = 'subscriptions:\n    - events: posts\n# the end\n';
    fc.assert(
      fc.property(hostileText, hostileText, (where, template) => {
        const merged = merge(before, exportSubscriptions([{ ...added, where, template }, added]));
        expect(merged.outcome).toBe('merged');
        if (merged.outcome === 'merged') expect(parse(merged.text).subscriptions).toHaveLength(3);
      }),
      { numRuns: 100 },
    );
  });
});

describe('subscriptions are refused by a configuration', () => {
  it.each([
    ['with a list in brackets', 'subscriptions: [{ events: posts }]\n', /in brackets/],
    ['in braces', '{ subscriptions: [] }\n', /in braces/],
    ['that is not YAML', 'a: [\n', /not YAML/],
    ['in which they are something else', 'subscriptions: 5\n', /not a list/],
    ['of two documents', 'a: 1\n---\nb: 2\n', /not YAML|a way/],
    ['with an end mark', 'a: 1\n...\n', /a way/],
    ['that is a list', '- a\n', /not a mapping/],
  ])('%s', (_, text, reason) => {
    expect(merge(text)).toEqual({ outcome: 'refused', reason: expect.stringMatching(reason) });
  });
});

import { describe, expect, it } from 'vitest';
import { good, head, read } from './config-files.ts';

describe('a key', () => {
  it.each([
    ['soruce: 1', '8:1: unknown key "soruce": did you mean "source"?'],
    ['hub: { prot: 1 }', '8:8: unknown key "prot": did you mean "port"?'],
    ['chats: { matix: {} }', '8:10: unknown key "matix": did you mean "matrix"?'],
    ['hub: { zzz: 1 }', '8:8: unknown key "zzz": keys in "hub" are port, host, key, key_file, legacy'],
    ['chats: { console: { color: 1 } }', '8:21: unknown key "color": remove it'],
    ['<<: {}', '8:1: "<<" does not merge here: write the keys out'],
    ['__proto__: {}', '8:1: "__proto__" cannot be a key: choose another word'],
    [
      'constructor: {}',
      '8:1: unknown key "constructor": keys at the top are source, store, chats, adapters, rooms, subscriptions, commands, operators, greet, priority, derived, hub, metrics, ca_file, log_level, reload',
    ],
    ['[a]: 1', '8:1: this is not a key: a key is a word, followed by a colon and a space'],
  ])('that nobody knows is refused: %s', (line, message) => {
    expect(read(`${good}${line}\n`).said).toContain(message);
  });

  it('that is misspelt is not said to be missing as well', () => {
    expect(read(`${head}subscriptions:\n  - { evnets: posts, rooms: hq }\n`).said).toEqual([
      '6:7: unknown key "evnets": did you mean "events"?',
    ]);
  });

  it('that is missing is asked for where it belongs', () => {
    expect(read('source: {}\nrooms: { a: {} }\nsubscriptions: [{ rooms: a }]\nstore: { keep: 1d }\n').said).toEqual([
      '1:1: "url" is missing: add "url: wss://metasmoke.erwaysoftware.com/cable", or "url: demo"',
      '2:10: "to" is missing: add "to:" with the address of the room',
      '3:17: "events" is missing: say which events, for example "events: posts#create"',
      '4:1: "url" is missing: add "url: sqlite:lookout.db"',
    ]);
    expect(read('store: memory\n').said).toContain(
      '1:1: "source" is missing: add "source: { url: demo }", or the url and key of metasmoke',
    );
  });
});

describe('a value of another kind', () => {
  it.each([
    ['source: demo', '1:9: "source" is text: write "source: { url: demo }"'],
    [
      'source: [1]',
      '1:9: "source" is a list: write its keys below it, indented: url, key, key_file, api, backfill, details, name, payload_limit, quiet_after, models, kind',
    ],
    ['rooms: [a]', '1:8: "rooms" is a list: write its keys below it, indented: name: address'],
    ['rooms: { a: [b] }', '1:13: "a" is a list: write a name or an address in quotes'],
    ['rooms: { a: 12 }', '1:13: "a" is a number: put it in quotes'],
    [
      'subscriptions: { a: 1 }',
      '1:16: "subscriptions" is a block of keys: write a list, each item on a line of its own that begins with "- "',
    ],
    [
      'subscriptions: [posts]',
      '1:17: an item of "subscriptions" is text: write its keys below it, indented: events, rooms, where, template, merge_reports, card, updates, details, hold, unless, mention, mention_cooldown, id',
    ],
    ['subscriptions: [{ events: posts, rooms: [1, a] }]', '1:42: an item of "rooms" is a number: put it in quotes'],
    [
      'subscriptions: [{ events: posts, rooms: { a: 1 } }]',
      '1:41: "rooms" is a block of keys: write a name or an address in quotes',
    ],
    ['subscriptions: [{ where: true }]', '1:26: "where" is true or false: put it in quotes'],
    ['source: { payload_limit: 64 }', '1:26: 64 has no unit: for example 64MiB'],
    ['store: { keep: 30 }', '1:16: 30 has no unit: for example 30d'],
    [
      'store: 12345678901234567890',
      '1:8: 12345678901234567890 is read as a number and loses digits (12345678901234567000): put it in quotes: "12345678901234567890"',
    ],
    ['store:', '1:1: "store" is empty: give it a value, or remove the key'],
    [
      'source: { models: widgets }',
      '1:19: "models" is text: write a list, each item on a line of its own that begins with "- "',
    ],
    ['hub: { port: [] }', '1:14: "port" is a list: write text'],
  ])('says what belongs there: %s', (line, message) => {
    expect(read(`${line}\n`).said).toContain(message);
  });

  it('may be nothing where a block of keys may be left out', () => {
    expect(read(`${good}chats:\nhub:\n`).said).toEqual([]);
    expect(read(`${good}chats: { console: }\n`).said).toEqual([]);
  });
});

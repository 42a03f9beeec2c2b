import { describe, expect, it } from 'vitest';
import type { Command, CommandOption } from '../../src/commands/command.ts';
import { readLine, usage } from '../../src/commands/read-line.ts';
import type { Inline } from '../../src/render/message.ts';

const option = (name: string, type: CommandOption['type'], place: CommandOption['place'], required = false) => ({
  name,
  type,
  place,
  required,
  description: `the ${name}`,
});
const command = (name: string, options: readonly CommandOption[]): Command => ({
  name,
  description: name,
  who: 'everyone',
  options,
  examples: [],
  run: () => ({ outcome: 'done', say: [] }),
});
const table = [
  command('subscribe', [
    option('events', 'events', 'word', true),
    option('where', 'where', 'named'),
    option('template', 'template', 'named'),
  ]),
  command('mute', [
    option('events', 'events', 'word'),
    option('time', 'time', 'rest'),
    option('where', 'where', 'named'),
    option('reason', 'text', 'named'),
  ]),
  command('status', []),
];

function read(line: string): unknown {
  const result = readLine(line, table);
  return result.outcome === 'ok' ? result.values : `${result.offset}: ${result.wrong}: ${wordsOf(result.right)}`;
}

const wordsOf = (phrase: readonly (string | Inline)[]) =>
  phrase.map((part) => (typeof part === 'string' ? part : 'text' in part ? part.text : '')).join('');

describe('a line', () => {
  it.each([
    ['subscribe posts#create', { events: 'posts#create' }],
    ['  SUBSCRIBE   posts#create  ', { events: 'posts#create' }],
    ['subscribe "posts#create; flags"', { events: 'posts#create; flags' }],
    ['subscribe posts --template post', { events: 'posts', template: 'post' }],
    ['subscribe posts --template=post', { events: 'posts', template: 'post' }],
    ['subscribe --template post posts', { events: 'posts', template: 'post' }],
    ['subscribe posts —template post', { events: 'posts', template: 'post' }],
    ['subscribe posts –template post', { events: 'posts', template: 'post' }],
    ['subscribe posts –-template post', { events: 'posts', template: 'post' }],
    ['subscribe posts −−template=post', { events: 'posts', template: 'post' }],
    ['subscribe posts --Template post', { events: 'posts', template: 'post' }],
    ['subscribe ”posts; flags”', { events: 'posts; flags' }],
    ['subscribe «posts» --template ‚post‘', { events: 'posts', template: 'post' }],
    ['subscribe posts, feedbacks', { events: 'posts, feedbacks' }],
    [
      'subscribe posts#create ; feedbacks,flag_logs --template post',
      { events: 'posts#create ; feedbacks,flag_logs', template: 'post' },
    ],
    ['mute posts, feedbacks for 2h', { events: 'posts, feedbacks', time: 'for 2h' }],
    ['status', {}],
  ])('gives its words to the options: %s', (line, values) => {
    expect(read(line)).toEqual(values);
  });

  it.each([
    ['subscribe posts --where object.id < 5 && !object.is_fp --template x', 'object.id < 5 && !object.is_fp'],
    ['subscribe posts --template x --where object.title.contains("a b")', 'object.title.contains("a b")'],
    ['subscribe posts --template x --where \'object.title == "a"\'', 'object.title == "a"'],
    ['subscribe posts --template x --where=object.id < 5', 'object.id < 5'],
    ['subscribe posts --template x --where object.title == "--template"', 'object.title == "--template"'],
    ['subscribe posts --template x —where object.title == “a ‘b’”', 'object.title == "a \'b\'"'],
    ['subscribe posts --template x --where object.title == "“a”"', 'object.title == "“a”"'],
    ['subscribe posts --template x --where -object.id < -5', '-object.id < -5'],
  ])('takes a condition as it stands, with or without quotes: %s', (line, where) => {
    expect(read(line)).toEqual({ events: 'posts', template: 'x', where });
  });

  it.each([
    ['mute posts --where object.is_naa for 2 days', 'object.is_naa', 'for 2 days'],
    [
      'mute posts --where object.id < 5 && object.is_naa until tomorrow 9am',
      'object.id < 5 && object.is_naa',
      'until tomorrow 9am',
    ],
    [
      'mute posts --where object.title.contains("wait for 2 days") for 1h',
      'object.title.contains("wait for 2 days")',
      'for 1h',
    ],
    ['mute posts --where object.title == "wait for 2 days"', 'object.title == "wait for 2 days"', undefined],
    [
      'mute posts --where object.title.contains("it\'s open for 2 days or so")',
      'object.title.contains("it\'s open for 2 days or so")',
      undefined,
    ],
    ['mute posts --where object.is_naa for now', 'object.is_naa for now', undefined],
  ])('takes a time behind a condition: %s', (line, where, time) => {
    expect(read(line)).toEqual({ events: 'posts', where, ...(time !== undefined && { time }) });
  });

  it.each([
    ['mute', {}],
    ['mute for 2 days', { time: 'for 2 days' }],
    ['mute 2h too noisy', { time: '2h too noisy' }],
    ['mute posts until 18:00 --reason "known wave"', { events: 'posts', time: 'until 18:00', reason: 'known wave' }],
    ["mute posts for 1h don't care", { events: 'posts', time: "for 1h don't care" }],
    ['mute posts for 1h "spam wave"', { events: 'posts', time: 'for 1h "spam wave"' }],
    ['mute posts "spam wave"', { events: 'posts', time: '"spam wave"' }],
  ])('knows a time from events: %s', (line, values) => {
    expect(read(line)).toEqual(values);
  });

  it.each([
    ['', '0: a command is missing: help lists them'],
    ['subscrib posts', '0: there is no command "subscrib": did you mean subscribe?'],
    ['frobnicate', '0: there is no command "frobnicate": commands are subscribe, mute, status'],
    ['subscribe', '9: <events> is missing: the events'],
    ['subscribe posts 5 flags', '16: "5" is too much: subscribe <events> [--where <where>] [--template <template>]'],
    ['subscribe posts flags --where x', '16: Several events need a comma: subscribe posts, flags'],
    ['subscribe posts and flags#create', '16: Several events need a comma: subscribe posts, flags#create'],
    ['subscribe posts#create where object.id', '23: "where" may be an option: write --where'],
    ['subscribe posts --xyz', '16: There is no option --xyz.: Options: --events, --where, --template.'],
    ['subscribe posts --wher x', '16: There is no option --wher: did you mean --where?'],
    ['subscribe posts –wher x', '16: There is no option --wher: did you mean --where?'],
    ['subscribe posts --where: x', '16: There is no option --where:: did you mean --where?'],
    ['subscribe posts -where x', '16: "-where" is not an option: write --where, or put it in quotes'],
    ['mute for 2h -reason: spam', '12: "-reason:" is not an option: write --reason, or put it in quotes'],
    ['mute posts for 2h ‑Where x', '18: "‑Where" is not an option: write --where, or put it in quotes'],
    ['status --all', '7: There is no option --all.: status takes none.'],
    ['subscribe posts --template', '26: --template has no value: write it behind --template'],
    ['subscribe posts --template a --template b', '29: --template is given twice: give it once'],
    ['subscribe "posts', '10: the quote " is not closed: write " where it ends'],
    [`subscribe ${'x'.repeat(4000)}`, '0: the line is 4010 characters long: at most 4000'],
  ])('says what is wrong, and where: %.40s', (line, problem) => {
    expect(read(line)).toBe(problem);
  });

  it('has a usage line', () => {
    expect(table.map(usage)).toEqual([
      'subscribe <events> [--where <where>] [--template <template>]',
      'mute [events] [time] [--where <where>] [--reason <reason>]',
      'status',
    ]);
  });
});

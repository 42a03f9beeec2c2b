import { describe, expect, it } from 'vitest';
import { formatEventSpec } from '../../src/catalogue/event-spec.ts';
import { upstreamOf } from '../../src/router/upstream.ts';
import { head, read } from './config-files.ts';

const subscription = (options: string, events = 'posts#create', top = head) =>
  `${top}subscriptions:\n  - events: ${events}\n    rooms: hq\n${options}`;
const withApi = head.replace('url: demo', 'url: demo, api: https://metasmoke.erwaysoftware.com/api');
/** The options of a configuration in which nothing is wrong. */
const optionsOf = (text: string) => {
  const { config, said } = read(text);
  expect(said).toEqual([]);
  return JSON.parse(config?.subscriptions[0]?.options.text ?? 'null');
};

describe('what a subscription says of how its messages come and stay', () => {
  it('is nothing by default', () => {
    expect(optionsOf(subscription(''))).toEqual({});
    expect(optionsOf(subscription('    card: false\n'))).toEqual({});
  });

  it('card: is edited, with all details where there is an API', () => {
    expect(optionsOf(subscription('    card: true\n'))).toEqual({ card: true, updates: 'edit', details: [] });
    const all = ['site', 'reasons', 'feedbacks', 'flags'];
    expect(optionsOf(subscription('    card: true\n', 'posts', withApi))).toEqual({
      card: true,
      updates: 'edit',
      details: all,
    });
    const some = '    card: true\n    updates: react\n    details: [reasons]\n';
    expect(optionsOf(subscription(some, 'posts', withApi))).toEqual({
      card: true,
      updates: 'react',
      details: ['reasons'],
    });
  });

  it('card: the source is asked for all that says how a post stands', () => {
    const { config } = read(subscription('    card: true\n', 'posts#create'));
    expect(formatEventSpec(upstreamOf(config?.subscriptions ?? [], config!.catalogue))).toBe(
      [
        ...(['deletion_logs', 'feedbacks', 'flag_logs', 'post_comments', 'posts', 'review_items'] as const),
        'review_results',
      ]
        .map((model) => `${model}#create,update,destroy`)
        .join(';'),
    );
  });

  it('hold: five minutes, unless nobody needs to look any more', () => {
    expect(optionsOf(subscription('    hold: 5m\n'))).toEqual({
      hold: 300_000,
      unless: 'subject.deleted || subject.false_positive',
    });
    const light = '    hold: 5m\n    unless: subject.weight < 100\n';
    expect(optionsOf(subscription(light, 'posts', withApi))).toMatchObject({ details: ['reasons'] });
  });

  it('mention: people and roles, with a cooldown', () => {
    const mention = '    mention: ["@you:example.org", "discord-role:123456789012345678"]\n';
    expect(optionsOf(subscription(mention))).toEqual({
      mention: ['@you:example.org', 'discord-role:123456789012345678'],
      mention_cooldown: 600_000,
    });
    expect(optionsOf(subscription(`${mention}    mention_cooldown: 1h\n`))).toMatchObject({
      mention_cooldown: 3_600_000,
    });
  });

  it.each([
    ['    updates: reply\n', '8:14: "updates" has an effect on cards alone: add "card: true", or remove it'],
    ['    details: site\n', '8:14: "details" has an effect on cards alone: add "card: true", or remove it'],
    ['    card: true\n    updates: edits\n', '9:14: "edits" is not a way to show updates: did you mean edit?'],
    ['    card: true\n    details: [reason]\n', '9:15: "reason" is not a detail of a post: did you mean reasons?'],
    [
      '    card: true\n    details: [site]\n',
      '9:15: warning: "details" are fetched from the API, which is not named: add "api:" to "source:"',
    ],
    ['    card: yes\n', '8:11: "card" is text: write true or false, without quotes'],
    ['    hold: 5\n', '8:11: 5 has no unit: for example 5m'],
    [
      '    hold: 5m\n    unless: subject.weight < 100\n',
      '9:13: warning: only the API has the weight of a post, and it is not named: "subject.weight" stays empty: add "api:" to "source:"',
    ],
    ['    hold: 2h\n', '8:11: 2h is too much: write a number and a unit (s, m, h, d), from 1s to 1h'],
    [
      '    unless: subject.deleted\n',
      '8:13: "unless" has an effect on what is held alone: add "hold: 5m", or remove it',
    ],
    ['    hold: 5m\n    unless: subject.delete\n', '9:21: unknown field "delete" of subject: did you mean deleted?'],
    ['    hold: 5m\n    unless: object.is_tp\n', '9:13: unknown name "object": did you mean subject?'],
    [
      '    mention: everyone\n',
      '8:14: "everyone" cannot be pinged: write "discord:<user id>", "discord-role:<role id>" or "@you:example.org"',
    ],
    ['    mention_cooldown: 1h\n', '8:23: "mention_cooldown" is without "mention": say whom to ping, or remove it'],
  ])('a mistake is told at its place: %j', (options, said) => {
    expect(read(subscription(options)).said).toEqual([said]);
  });

  it('unless: is of posts', () => {
    const { said } = read(subscription('    hold: 5m\n    unless: subject.deleted\n', 'announcements#create'));
    expect(said).toEqual([
      '9:13: "unless" is a condition on a post, and announcements are not about posts: give them a subscription of their own',
    ]);
  });

  it('card: is of posts', () => {
    const { said } = read(subscription('    card: true\n', 'smoke_detectors#create'));
    expect(said).toEqual([
      '8:11: a card shows a post, and smoke_detectors are not about posts: give them a subscription of their own',
    ]);
  });
});

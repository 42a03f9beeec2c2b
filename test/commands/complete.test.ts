import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Choice, Completion } from '../../src/commands/complete.ts';
import { ranked } from '../../src/commands/ranked.ts';
import { type CommandsRig, createCommandsRig } from '../support/commands-rig.ts';

describe('an option that is being written', () => {
  let rig: CommandsRig;

  beforeEach(async () => {
    rig = await createCommandsRig();
  });
  afterEach(() => rig.stop());

  const here = { platform: 'matrix', room: '!a:a.org', direct: false } as const;
  const complete = (command: string, option: string, typed: string, given: Completion['given'] = {}) =>
    rig.commands.complete({ command, option, typed, given, ...here });
  const values = (choices: readonly Choice[]) => choices.map(({ value }) => value);
  const say = (text: string) =>
    rig.commands.run({
      key: null,
      ...here,
      asker: { id: '@owner:a.org', roles: [], manages: true, power: 100 },
      said: { kind: 'line', text },
      answered: 'counted',
      about: null,
    });

  it('of events begins with the model, and goes on behind a semicolon', async () => {
    expect(values(await complete('subscribe', 'events', 'pos')).slice(0, 3)).toEqual([
      'posts',
      'posts#create',
      'posts#update',
    ]);
    expect(values(await complete('subscribe', 'events', 'flag_logs;posts#cr'))).toEqual(['flag_logs;posts#create']);
    expect(values(await complete('subscribe', 'events', 'posts#dele'))).toContain('posts#deleted');
    expect(values(await complete('subscribe', 'events', 'psts'))).toEqual(['posts']);
  });

  it('of a condition on a site knows the sites', async () => {
    expect(values(await complete('subscribe', 'where', 'object.site == "stacko', { events: 'posts' }))).toEqual([
      'object.site == "stackoverflow.com',
    ]);
    expect(values(await complete('mute', 'where', 'subject.site in ["math", "', { events: 'feedbacks' }))).toEqual([
      'subject.site in ["math", "stackoverflow.com',
      'subject.site in ["math", "math.stackexchange.com',
    ]);
  });

  it('of a condition knows the fields of the models that it is for', async () => {
    expect(values(await complete('subscribe', 'where', 'object.user_re', { events: 'posts#create' }))).toEqual([
      'object.user_reputation',
    ]);
    expect(values(await complete('mute', 'where', 'object.score > 1 && object.is_n', { events: 'posts' }))).toEqual([
      'object.score > 1 && object.is_naa',
    ]);
    expect(values(await complete('subscribe', 'where', 'subject.weig', { events: 'feedbacks' }))).toEqual([
      'subject.weight',
    ]);
    expect(values(await complete('subscribe', 'where', 'subject.weig', { events: 'statistics' }))).toEqual([]);
    expect(values(await complete('subscribe', 'where', 'object.sit', { events: 'posts#create' }))[0]).toBe(
      'object.site',
    );
    expect(values(await complete('subscribe', 'where', 'object.zzzzzz', { events: 'flag_logs' }))).toEqual([]);
  });

  it('of a template, a time or a command knows what there is', async () => {
    expect(values(await complete('preview', 'template', 'flag'))).toContain('flag_log');
    expect(values(await complete('mute', 'time', 'tom'))).toEqual(['until tomorrow 9am']);
    expect(values(await complete('help', 'command', 'mu'))).toEqual(['mute', 'unmute']);
  });

  it('of events begins with those that most rooms ask for, also behind a comma', async () => {
    const first = (await complete('subscribe', 'events', '')).slice(0, 8).map(({ value }) => value);
    const common = ['posts', 'feedbacks', 'flag_logs', 'deletion_logs'];
    expect(first).toEqual([...common, ...common.map((name) => `${name}#create`)]);
    expect((await complete('subscribe', 'events', 'posts, feedb'))[0]?.value).toBe('posts, feedbacks');
    expect((await complete('subscribe', 'events', 'posts,feedb'))[0]?.value).toBe('posts,feedbacks');
    expect((await complete('subscribe', 'events', 'posts#create;feedbacks#cr'))[0]?.value).toBe(
      'posts#create;feedbacks#create',
    );
  });

  it('of subscriptions and mutes knows those of the room that a command can end', async () => {
    await say('subscribe flag_logs#create --where object.success');
    await say('mute feedbacks for 2h');
    const [subscription] = await complete('unsubscribe', 'subscription', '');
    expect(subscription?.name).toMatch(/^flag_logs#create where object\.success \([0-9a-f]+\)$/);
    expect(await say(`unsubscribe ${subscription?.value}`)).toMatchObject({ private: false });
    expect(await complete('unmute', 'mute', 'feed')).toEqual([
      { name: 'm1: feedbacks#create,update until 2026-01-02 05:04 UTC', value: 'm1' },
    ]);
  });

  it('has 25 choices at most, none longer than a chat takes, and none where nothing can be known', async () => {
    const choices = await complete('subscribe', 'events', '');
    expect(choices).toHaveLength(25);
    const long = await complete('subscribe', 'where', `${'object.is_naa && '.repeat(5)}object.`, { events: 'posts' });
    expect(long.every(({ name, value }) => name.length <= 100 && value.length <= 100)).toBe(true);
    expect(await complete('mute', 'reason', 'x')).toEqual([]);
    expect(await complete('frob', 'x', 'x')).toEqual([]);
    expect(await complete('subscribe', 'events', 'p'.repeat(5_000))).toEqual([]);
  });
});

it('what begins so comes before what has a word that does, before what holds it', () => {
  const choices = ['a submarine', 'mar', 'see mars', 'marine'].map((name) => ({ name }));
  expect(ranked('MAR', choices).map(({ name }) => name)).toEqual(['mar', 'marine', 'see mars', 'a submarine']);
});

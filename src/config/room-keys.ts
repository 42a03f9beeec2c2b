import type { SourceKind } from '../catalogue/source-kind.ts';
import { defaultUnless } from '../router/subject-model.ts';
import { updateKinds } from '../router/subscription-options.ts';
import { block, choice, duration, flag, integer, oneOrMore, text, texts } from './key.ts';
import { either, type PlatformRules } from './platform.ts';

/** The keys of rooms, subscriptions and commands: all whose texts name the forms that the platforms have. */

type Platforms = readonly PlatformRules[];

export const wavesKeys = {
  digest_above: integer({
    says: 'above this number of events a minute, one digest takes the place of messages',
    ...{ byDefault: 60, from: 1, to: 1_000_000 },
  }),
};

export const maskKeys = {
  mask_offensive: flag({
    says: 'titles of posts whose reasons say "offensive" are hidden behind a spoiler, once the API gave the reasons',
    byDefault: false,
  }),
};

export const roomCommandsKeys = (platforms: Platforms) => ({
  users: texts({ says: `people: ${peopleOf(platforms)}`, byDefault: [] }),
  roles: texts({ says: `ids of ${kindsOf(platforms, 'role')} whose members may, in quotes`, byDefault: [] }),
  power: integer({
    says: platforms.flatMap(({ people }) => people.power ?? []).join('; '),
    ...{ from: -100, to: 1_000, example: '50' },
  }),
});

export const quietKeys = ({ example, priority }: Pick<SourceKind, 'example' | 'priority'>) => ({
  at: texts({ says: 'the hours, or several', isRequired: true, example: '"22:00-07:00"' }),
  days: texts({
    says: 'the weekdays on which they begin: mon-fri, or sat,sun',
    without: 'every day',
    example: 'mon-fri',
  }),
  timezone: text({ says: 'the IANA time zone of these hours', without: "the room's" }),
  events: text({ says: 'only these events are held back', without: 'all are', example }),
  except: text({
    says: 'events that are sent all the same',
    ...{ without: 'none is', example: priority[0] ?? example },
  }),
});

export const quietKey = (kind: SourceKind) =>
  oneOrMore(block(quietKeys(kind), { says: 'quiet hours' }, 'be a text'), {
    says: 'hours in which nothing is sent: "22:00-07:00" for every day, or keys',
    without: 'none',
  });

export const roomKeys = (platforms: Platforms, kind: SourceKind) => ({
  to: text({
    says: `the address: ${either(platforms.flatMap(({ address }) => address.forms))}`,
    isRequired: true,
    example: `"${platforms[0]?.address.example}"`,
  }),
  account: text({
    says: 'the name of the account that speaks there, if the chat has several',
    without: 'the one without a name',
    example: 'eu',
  }),
  timezone: text({ says: 'the IANA time zone of times in messages, such as Europe/Berlin', byDefault: 'UTC' }),
  waves: block(
    wavesKeys,
    { says: 'what happens when more comes than the room takes; off: one message for each event' },
    ...(['be a text', 'be empty'] as const),
  ),
  quiet: quietKey(kind),
  ...maskKeys,
  commands: block(roomCommandsKeys(platforms), {
    says: 'who may change the room by commands, beside those whom the chat lets',
  }),
});

/** The options of a subscription beside events, rooms, condition and template. */
export const optionKeys = (platforms: Platforms) => ({
  merge_reports: duration({
    says: 'a second report of one link within this time, by another detector, is left out',
    ...{ without: 'none is', example: '10m', from: '1s', to: '30d' },
  }),
  card: flag({
    says: 'one message for each post, which stays up to date: votes, flags, deleted or not',
    byDefault: false,
  }),
  updates: text({
    says: `how the room sees that a card changed: ${either(updateKinds)}`,
    byDefault: updateKinds[0],
  }),
  details: texts({
    says: 'what a card shows from the API',
    without: 'all of these, if source.api is set',
    example: '[site, reasons, feedbacks, flags]',
  }),
  hold: duration({
    says: 'how long a message is held back, at most 1h; it is sent only if it is still wanted then',
    ...{ without: 'it is sent at once', example: '5m', from: '1s', to: '1h' },
  }),
  unless: text({ says: 'a condition in CEL over subject that cancels a held message', byDefault: defaultUnless }),
  mention: texts({
    says: `who is pinged by new messages: ${either(platforms.flatMap(({ mention }) => mention?.forms ?? []))}`,
    without: 'no one',
  }),
  mention_cooldown: duration({
    says: 'after a ping, no one is pinged again in the room for this time',
    ...{ byDefault: '10m', from: '1s', to: '30d' },
  }),
});

export const subscriptionKeys = (platforms: Platforms, example: string) => ({
  events: text({
    says: "the API's own filter; a model without # means create and update",
    isRequired: true,
    example,
  }),
  rooms: texts({ says: 'names of rooms, addresses, or a list of them', isRequired: true, example: '[hq]' }),
  where: text({ says: 'a condition in CEL over event, object and subject', without: 'every event counts' }),
  template: text({
    says: 'a template: my-templates/<name>.hbs beside this file, else one of ours',
    without: 'the one of the model, or card for a card',
  }),
  ...optionKeys(platforms),
  id: text({ says: 'a name of its own', without: 'one is made from events, where, template and rooms' }),
});

export const commandsKeys = (platforms: Platforms) => ({
  rooms: choice(['listed', 'any'], {
    says: 'any: a room that is not named here becomes one by its first subscription',
    byDefault: 'listed',
  }),
  per_room: integer({
    says: 'the most subscriptions that a room may have by commands',
    ...{ byDefault: 50, from: 0, to: 10_000 },
  }),
  users: texts({ says: `people who may change every room: ${peopleOf(platforms)}`, byDefault: [] }),
  servers: texts({ says: `${kindsOf(platforms, 'server')} all of whose people may`, byDefault: [] }),
});

/** The ways to write people, of all platforms. */
const peopleOf = (platforms: Platforms) => platforms.flatMap(({ people }) => people.user?.right ?? []).join(', or ');

/** The ids of one kind that platforms have, in the plural: `Discord roles`. */
const kindsOf = (platforms: Platforms, kind: 'role' | 'server') =>
  platforms.flatMap(({ people }) => (people[kind] === null ? [] : `${people[kind].kind}s`)).join(' and ');

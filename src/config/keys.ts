import { defaultUnless } from '../router/subject-model.ts';
import { updateKinds } from '../router/subscription-options.ts';
import {
  block,
  choice,
  duration,
  flag,
  integer,
  type Key,
  listOfTexts,
  port,
  several,
  size,
  text,
  texts,
} from './key.ts';
import { either, type PlatformRules } from './platform.ts';

/** The table of keys: every key of the configuration but those of the platforms, which are in their folders. */

type Platforms = readonly PlatformRules[];

/** A secret: a key with the value, and one with the path of a file that holds it. */
export const secret = <N extends string>(
  name: N,
  says: string,
  rest: { readonly without?: string; readonly example?: string } = {},
) =>
  ({
    [name]: text({ says: `${says}; or ${name}_file`, ...rest }),
    [`${name}_file`]: text({ says: `the path of a file that holds the ${name}, instead of ${name}` }),
  }) as { readonly [K in N | `${N}_file`]: ReturnType<typeof text> };

export const sourceKeys = {
  url: text({
    says: 'the WebSocket API of metasmoke, or another server of the same API; demo: made-up events',
    isRequired: true,
    example: 'wss://metasmoke.erwaysoftware.com/cable',
  }),
  ...secret('key', 'the API key, which every source but demo needs', { example: `\${METASMOKE_KEY}` }),
  api: text({
    says: 'the REST and GraphQL API for missed rows and details of posts',
    without: 'nothing is fetched',
    example: 'https://metasmoke.erwaysoftware.com/api',
  }),
  backfill: block(
    {
      max_age: duration({
        says: 'rows that were missed longer ago are not fetched, and a gap is given up after this time',
        ...{ byDefault: '24h', from: '1m', to: '30d' },
      }),
      digest_after: duration({
        says: 'after a longer gap, one digest shows what was missed',
        ...{ byDefault: '10m', from: '1s', to: '30d' },
      }),
    },
    { says: 'how missed rows are fetched' },
    'be empty',
  ),
  details: block(
    {
      per_minute: integer({
        says: 'the most requests a minute that fetch details of posts',
        ...{ byDefault: 20, from: 1, to: 300 },
      }),
    },
    { says: 'how details of posts are fetched' },
    'be empty',
  ),
  name: text({
    says: 'the name of this source in the store and the log; the demo is called demo',
    byDefault: 'metasmoke',
  }),
  payload_limit: size({
    // A body of 4 MB made a frame of 14 MB (measured), and a post may hold 16 MiB.
    says: 'the largest frame that is accepted; a larger one counts as a gap',
    ...{ byDefault: '64MiB', from: '1KiB', to: '1GiB' },
  }),
  quiet_after: duration({
    says: 'after this time without an event, the log says so',
    ...{ byDefault: '15m', from: '1s', to: '7d' },
  }),
  models: listOfTexts({ says: 'names of models that only another server has', byDefault: [] }),
};

export const storeKeys = {
  url: text({
    says: 'sqlite:<file>, or memory, which forgets everything at the end',
    isRequired: true,
    byDefault: 'sqlite:lookout.db',
  }),
  keep: duration({
    says: 'how long settled deliveries are kept: 15m longer than source.backfill.max_age, or more',
    ...{ byDefault: '30d', from: '1h', to: '3650d' },
  }),
};

export const wavesKeys = {
  digest_above: integer({
    says: 'above this number of events a minute, one digest takes the place of messages',
    ...{ byDefault: 60, from: 1, to: 1_000_000 },
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

const roomKeys = (platforms: Platforms) => ({
  to: text({
    says: `the address: ${either(platforms.flatMap(({ address }) => address.forms))}`,
    isRequired: true,
    example: `"${platforms[0]?.address.example}"`,
  }),
  timezone: text({ says: 'the IANA time zone of times in messages, such as Europe/Berlin', byDefault: 'UTC' }),
  waves: block(
    wavesKeys,
    { says: 'what happens when more comes than the room takes; off: one message for each event' },
    ...(['be a text', 'be empty'] as const),
  ),
  quiet: texts({ says: 'hours of every day in which nothing is sent: "22:00-07:00"', byDefault: [] }),
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

const subscriptionKeys = (platforms: Platforms) => ({
  events: text({
    says: "the API's own filter; a model without # means create and update",
    isRequired: true,
    example: 'posts#create',
  }),
  rooms: texts({ says: 'names of rooms, addresses, or a list of them', isRequired: true, example: '[hq]' }),
  where: text({ says: 'a condition in CEL over event and object', without: 'every event counts' }),
  template: text({
    says: 'a template, templates/<name>.hbs, yours or ours',
    without: 'the one of the model, or card for a card',
  }),
  ...optionKeys(platforms),
  id: text({ says: 'a name of its own', without: 'one is made from events, where, template and rooms' }),
});

export const derivedKeys = {
  lingering_after: duration({
    says: 'a post that is still there this long after its report is posts#lingering',
    ...{ byDefault: '10m', from: '1s', to: '7d' },
  }),
  lost_after: duration({
    says: 'a source that is away this long is source#lost',
    ...{ byDefault: '2m', from: '1s', to: '1d' },
  }),
  quota_below: integer({
    says: 'if fewer requests than this are left, it is statistics#quota_low',
    ...{ byDefault: 1_000, from: 1, to: 1_000_000 },
  }),
};

export const hubKeys = {
  port: port({ says: 'the port that `lookout hub` listens on; 0 takes any that is free', byDefault: 28_080 }),
  host: text({
    says: 'the address that it listens on: 127.0.0.1 is this machine alone, 0.0.0.0 is all',
    byDefault: '127.0.0.1',
  }),
  ...secret('key', 'the key that clients must give', {
    without: 'one is made and shown',
    example: `\${LOOKOUT_HUB_KEY}`,
  }),
};

export const metricsKeys = {
  // The first of those that Prometheus' exporters take, https://github.com/prometheus/prometheus/wiki/Default-port-allocations.
  port: port({
    says: 'the port that `lookout run` serves them on; 0 takes any that is free, the log says which',
    byDefault: 9_464,
  }),
  host: text({
    says: 'the address that they are served on; with 0.0.0.0 all machines can read them, and the names of your rooms',
    byDefault: '127.0.0.1',
  }),
  names: texts({
    says: "names that Prometheus asks for it by; addresses, localhost, host and the machine's name need none",
    byDefault: [],
  }),
};

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

export const operatorsKey = text({
  says: 'the room, by its name or address, in which operators read what is wrong',
  without: 'the log alone says it',
});

export const priorityKey = texts({
  says: 'what goes first to a room that is behind',
  byDefault: ['posts#autoflagged_false_positive', 'posts#undeleted', 'posts#create', 'feedbacks'],
});

/** The whole configuration, with rooms on these platforms. */
export const configKeys = (platforms: Platforms): Key =>
  block(
    {
      source: block(sourceKeys, { says: 'where the events come from', isRequired: true }),
      store: block(
        storeKeys,
        { says: 'where Lookout keeps events and deliveries; in short also store: sqlite:lookout.db' },
        'be a text',
      ),
      chats: block(chatsKeys(platforms), { says: 'the chats that Lookout has an account in' }, 'be empty'),
      rooms: several(
        'names',
        block(roomKeys(platforms), { says: 'the address of a room in quotes, or keys' }, 'be a text'),
        {
          says: 'names for rooms',
        },
      ),
      subscriptions: several('list', block(subscriptionKeys(platforms), { says: 'a subscription' }), {
        says: 'which events go to which rooms',
      }),
      commands: block(commandsKeys(platforms), { says: 'what people in the rooms may do by commands' }, 'be empty'),
      operators: operatorsKey,
      priority: priorityKey,
      derived: block(derivedKeys, { says: 'when Lookout derives events by itself' }, 'be empty'),
      hub: block(
        hubKeys,
        { says: 'what `lookout hub` serves: the same WebSocket API, for tests and relays' },
        'be empty',
      ),
      metrics: block(
        metricsKeys,
        { says: 'serves /metrics, /healthz and /readyz over HTTP', without: 'nothing listens' },
        'be empty',
      ),
    },
    { says: 'Lookout configuration' },
  );

/** A block for each platform; one that needs no settings may be empty. */
const chatsKeys = (platforms: Platforms) =>
  Object.fromEntries(
    platforms.map(({ name, settings: { keys, says, example } }) => [
      name,
      block(keys, { says }, ...(example === null ? (['be empty'] as const) : [])),
    ]),
  );

/** The ways to write people, of all platforms. */
const peopleOf = (platforms: Platforms) => platforms.flatMap(({ people }) => people.user?.right ?? []).join(', or ');

/** The ids of one kind that platforms have, in the plural: `Discord roles`. */
const kindsOf = (platforms: Platforms, kind: 'role' | 'server') =>
  platforms.flatMap(({ people }) => (people[kind] === null ? [] : `${people[kind].kind}s`)).join(' and ');

import type { SourceKind } from '../catalogue/source-kind.ts';
import { logLevels } from '../log.ts';
import type { Extensions } from './extensions.ts';
import {
  accounts,
  block,
  choice,
  duration,
  flag,
  integer,
  type Key,
  listOfTexts,
  port,
  secret,
  several,
  size,
  text,
  texts,
} from './key.ts';
import type { PlatformRules } from './platform.ts';
import { commandsKeys, roomKeys, subscriptionKeys } from './room-keys.ts';

/** The table of keys. Those of rooms, subscriptions and commands are in `room-keys.ts`, those of a platform in its folder. */

type Platforms = readonly PlatformRules[];

export const sourceKeys = (inputs: Extensions['inputs']) => ({
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
    byDefault: inputs[0].name,
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
  kind: text({
    says: `the kind of server: ${inputs.map(({ name }) => name).join(', ')}`,
    byDefault: inputs[0].name,
  }),
});

export const storeKeys = {
  url: text({
    says: 'sqlite:<file>, postgres://user@server/database, or memory, which forgets everything at the end',
    isRequired: true,
    byDefault: 'sqlite:lookout.db',
  }),
  ...secret('password', 'the password of a PostgreSQL database', { example: `\${LOOKOUT_DB_PASSWORD}` }),
  keep: duration({
    says: 'how long settled deliveries are kept: 15m longer than source.backfill.max_age, or more',
    ...{ byDefault: '30d', from: '1h', to: '3650d' },
  }),
};

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
  legacy: flag({
    says: 'also serve clients that name no events, such as the userscripts FIRE and AIM',
    byDefault: false,
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

const adaptersKey = texts({
  says: 'packages, or files, with chats that Lookout does not have itself; they run with all that Lookout may do',
  byDefault: [],
});

export const caFileKey = text({
  says: 'a file of certificates (PEM) of your own CA, which are trusted beside the well-known ones',
  without: 'the well-known CAs are trusted, and those in NODE_EXTRA_CA_CERTS',
  example: 'company-ca.pem',
});

export const operatorsKey = text({
  says: 'the room, by its name or address, in which operators read what is wrong',
  without: 'the log alone says it',
});

export const greetKey = choice(['on', 'off'], {
  says: 'on: a room that invites the bot is greeted once, and so is a server that adds it',
  byDefault: 'on',
});

export const logLevelKey = choice(logLevels, {
  says: 'the least level of log lines, unless `lookout run --log-level` names another',
  byDefault: 'info',
});

export const reloadKey = choice(['on', 'off'], {
  says: 'on: a change of this file or of your templates is taken over by itself; off: `lookout reload` and SIGHUP alone do',
  byDefault: 'on',
});

export const priorityKey = ({ priority }: Pick<SourceKind, 'priority'>) =>
  texts({ says: 'what goes first to a room that is behind', byDefault: priority });

type Extendable = Pick<Extensions, 'platforms' | 'inputs'>;

/** The keys that were made for each list of platforms. */
const made = new WeakMap<Extendable['platforms'], { readonly inputs: Extendable['inputs']; readonly keys: Key }>();

/** The whole configuration, with rooms on these platforms and a source of one of these kinds. The same for the same lists. */
export function configKeys({ platforms, inputs }: Extendable): Key {
  const before = made.get(platforms);
  if (before?.inputs === inputs) return before.keys;
  const keys = makeConfigKeys({ platforms, inputs });
  made.set(platforms, { inputs, keys });
  return keys;
}

const makeConfigKeys = ({ platforms, inputs }: Extendable): Key =>
  block(
    {
      source: block(sourceKeys(inputs), { says: 'where the events come from', isRequired: true }),
      store: block(
        storeKeys,
        { says: 'where Lookout keeps events and deliveries; in short also store: sqlite:lookout.db' },
        'be a text',
      ),
      chats: block(chatsKeys(platforms), { says: 'the chats that Lookout has an account in' }, 'be empty'),
      adapters: adaptersKey,
      rooms: several(
        'names',
        block(roomKeys(platforms, inputs[0]), { says: 'the address of a room in quotes, or keys' }, 'be a text'),
        {
          says: 'names for rooms',
        },
      ),
      subscriptions: several(
        'list',
        block(subscriptionKeys(platforms, inputs[0].example), { says: 'a subscription' }),
        {
          says: 'which events go to which rooms',
        },
      ),
      commands: block(commandsKeys(platforms), { says: 'what people in the rooms may do by commands' }, 'be empty'),
      operators: operatorsKey,
      greet: greetKey,
      priority: priorityKey(inputs[0]),
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
      ca_file: caFileKey,
      log_level: logLevelKey,
      reload: reloadKey,
    },
    { says: 'Lookout configuration' },
  );

/** A block for each platform, or a list of them; one that needs no settings has a block that may be empty. */
const chatsKeys = (platforms: Platforms) =>
  Object.fromEntries(
    platforms.map(({ name, settings: { keys, says, example } }) => [
      name,
      example === null
        ? block(keys, { says }, 'be empty')
        : accounts(block({ ...accountKeys, ...keys }, { says }), { says }),
    ]),
  );

/** The key that Lookout adds to those of a platform. */
const accountKeys = {
  name: text({
    says: 'the name of the account, if there are several: a-z, 0-9 and -; rooms name it in their account',
    without: 'it takes the rooms that name none',
    example: 'eu',
  }),
};

import { fileURLToPath } from 'node:url';
import type { Effect } from '../../src/reload/change.ts';
import type { Json } from '../../src/words.ts';

const adapterFile = fileURLToPath(new URL('../../examples/lookout-adapter-ntfy/index.js', import.meta.url));

/** A configuration (as JSON, which is YAML), and for every key another value of it. */

export type Tree = { [key: string]: Json | Tree | Tree[] };

/** The configuration before. The server's addresses can be replaced. */
export const before: Tree = {
  source: {
    url: 'wss://a.org/cable',
    key: 'old-source-key',
    api: 'https://a.org/api',
    backfill: { max_age: '20h', digest_after: '10m' },
    details: { per_minute: 20 },
    name: 'metasmoke',
    payload_limit: '64MiB',
    quiet_after: '15m',
    models: [],
  },
  store: { url: 'sqlite:lookout.db', keep: '30d' },
  chats: {
    discord: {
      token: 'old-discord-token',
      api: 'https://d.org/api',
      guilds: [],
      commands: 'top',
      forum_title: '{title}',
    },
    matrix: { homeserver: 'https://m.org', token: 'old-matrix-token', refresh_token: 'old-refresh-token', prefix: '!' },
  },
  rooms: {
    hq: { to: 'matrix:!hq:a.org', timezone: 'UTC', quiet: [{ at: '03:00-04:00', except: 'posts#create' }] },
    ops: { to: 'matrix:!ops:a.org' },
  },
  subscriptions: [
    { events: 'posts#create', rooms: ['hq'], card: true, id: 'cards' },
    { events: 'flag_logs#create', rooms: ['hq'], hold: '5m', mention: ['@you:a.org'], id: 'flags' },
  ],
  commands: { rooms: 'listed', per_room: 50 },
  operators: 'ops',
  priority: ['posts#create'],
  derived: { lingering_after: '10m', lost_after: '2m', quota_below: 1000 },
  metrics: { port: 0, host: '127.0.0.1' },
};

export interface KeyChange {
  /** Where the value is set, with numbers for items of lists. */
  readonly at: string;
  readonly to: Json;
  /** The kind of the change that is found. */
  readonly kind: Effect['kind'];
}

/** A change of each key of the table, by its path there. `null`: there is no other value, or a test of its own has it. */
export const keyChanges: Readonly<Record<string, KeyChange | null>> = {
  'source.url': { at: 'source.url', to: 'wss://b.org/cable', kind: 'restart' },
  'source.key': { at: 'source.key', to: 'new-source-key', kind: 'key' },
  // In the place of the key: see below.
  'source.key_file': null,
  'source.api': { at: 'source.api', to: 'https://b.org/api', kind: 'api' },
  'source.backfill.max_age': { at: 'source.backfill.max_age', to: '10h', kind: 'api' },
  'source.backfill.digest_after': { at: 'source.backfill.digest_after', to: '9m', kind: 'api' },
  'source.details.per_minute': { at: 'source.details.per_minute', to: 19, kind: 'api' },
  'source.name': { at: 'source.name', to: 'other', kind: 'restart' },
  'source.payload_limit': { at: 'source.payload_limit', to: '32MiB', kind: 'atOnce' },
  'source.quiet_after': { at: 'source.quiet_after', to: '14m', kind: 'atOnce' },
  'source.models': { at: 'source.models', to: ['things'], kind: 'restart' },
  // There is one kind.
  'source.kind': null,
  'store.url': { at: 'store.url', to: 'sqlite:other.db', kind: 'restart' },
  // Both belong to the place, and `password` alone would be for a database on a server.
  'store.password': null,
  'store.password_file': null,
  'store.keep': { at: 'store.keep', to: '29d', kind: 'atOnce' },
  // An account of another name is another account: a test of its own.
  'chats.discord.name': null,
  'chats.discord.token': { at: 'chats.discord.token', to: 'new-discord-token', kind: 'chat' },
  'chats.discord.token_file': null,
  'chats.discord.api': { at: 'chats.discord.api', to: 'https://e.org/api', kind: 'chat' },
  'chats.discord.guilds': { at: 'chats.discord.guilds', to: ['123456789012345678'], kind: 'chat' },
  'chats.discord.commands': { at: 'chats.discord.commands', to: 'grouped', kind: 'chat' },
  'chats.discord.forum_title': { at: 'chats.discord.forum_title', to: 'Spam: {title}', kind: 'chat' },
  'chats.discord.forum_tags': { at: 'chats.discord.forum_tags', to: ['spam'], kind: 'chat' },
  'chats.matrix.name': null,
  'chats.matrix.homeserver': { at: 'chats.matrix.homeserver', to: 'https://n.org', kind: 'chat' },
  'chats.matrix.token': { at: 'chats.matrix.token', to: 'new-matrix-token', kind: 'chat' },
  'chats.matrix.token_file': null,
  'chats.matrix.refresh_token': { at: 'chats.matrix.refresh_token', to: 'new-refresh-token', kind: 'chat' },
  'chats.matrix.refresh_token_file': null,
  'chats.matrix.client_id': { at: 'chats.matrix.client_id', to: '01JEXAMPLE', kind: 'chat' },
  'chats.matrix.invite': { at: 'chats.matrix.invite', to: ['@you:a.org'], kind: 'chat' },
  'chats.matrix.prefix': { at: 'chats.matrix.prefix', to: '?', kind: 'chat' },
  'chats.matrix.store_key': { at: 'chats.matrix.store_key', to: '7'.repeat(64), kind: 'chat' },
  'chats.matrix.store_key_file': null,
  'chats.matrix.recovery_key': {
    at: 'chats.matrix.recovery_key',
    to: 'EsT3 4kza y1Xs efFA tKyi HVwT kdEP 4UEk rvNr dFvy 8nGq AkqP',
    kind: 'chat',
  },
  'chats.matrix.recovery_key_file': null,
  'chats.matrix.encrypt_for': { at: 'chats.matrix.encrypt_for', to: 'all_devices', kind: 'chat' },
  adapters: { at: 'adapters', to: [adapterFile], kind: 'restart' },
  'rooms.<name>.to': { at: 'rooms.hq.to', to: 'matrix:!other:a.org', kind: 'rooms' },
  // A test of its own has several accounts.
  'rooms.<name>.account': null,
  'rooms.<name>.timezone': { at: 'rooms.hq.timezone', to: 'Europe/Berlin', kind: 'atOnce' },
  'rooms.<name>.waves.digest_above': { at: 'rooms.hq.waves', to: { digest_above: 59 }, kind: 'rooms' },
  'rooms.<name>.quiet[].at': { at: 'rooms.hq.quiet.0.at', to: '03:00-05:00', kind: 'atOnce' },
  'rooms.<name>.quiet[].days': { at: 'rooms.hq.quiet.0.days', to: 'mon-fri', kind: 'atOnce' },
  'rooms.<name>.quiet[].timezone': { at: 'rooms.hq.quiet.0.timezone', to: 'Asia/Tokyo', kind: 'atOnce' },
  'rooms.<name>.quiet[].events': { at: 'rooms.hq.quiet.0.events', to: 'posts', kind: 'atOnce' },
  'rooms.<name>.quiet[].except': { at: 'rooms.hq.quiet.0.except', to: 'flag_logs#create', kind: 'atOnce' },
  'rooms.<name>.mask_offensive': { at: 'rooms.hq.mask_offensive', to: true, kind: 'atOnce' },
  'rooms.<name>.commands.users': { at: 'rooms.hq.commands', to: { users: ['@you:a.org'] }, kind: 'atOnce' },
  'rooms.<name>.commands.roles': { at: 'rooms.hq.commands', to: { roles: ['123456789012345678'] }, kind: 'atOnce' },
  'rooms.<name>.commands.power': { at: 'rooms.hq.commands', to: { power: 51 }, kind: 'atOnce' },
  'subscriptions[].events': { at: 'subscriptions.0.events', to: 'posts', kind: 'subscriptions' },
  'subscriptions[].rooms': { at: 'subscriptions.0.rooms', to: ['hq', 'ops'], kind: 'subscriptions' },
  'subscriptions[].where': { at: 'subscriptions.0.where', to: 'object.is_tp', kind: 'subscriptions' },
  'subscriptions[].template': { at: 'subscriptions.0.template', to: 'post', kind: 'subscriptions' },
  'subscriptions[].merge_reports': { at: 'subscriptions.0.merge_reports', to: '10m', kind: 'subscriptions' },
  'subscriptions[].card': { at: 'subscriptions.0.card', to: false, kind: 'subscriptions' },
  'subscriptions[].updates': { at: 'subscriptions.0.updates', to: 'reply', kind: 'subscriptions' },
  'subscriptions[].details': { at: 'subscriptions.0.details', to: ['site'], kind: 'subscriptions' },
  'subscriptions[].hold': { at: 'subscriptions.1.hold', to: '4m', kind: 'subscriptions' },
  'subscriptions[].unless': { at: 'subscriptions.1.unless', to: 'subject.deleted', kind: 'subscriptions' },
  'subscriptions[].mention': { at: 'subscriptions.1.mention', to: ['@me:a.org'], kind: 'subscriptions' },
  'subscriptions[].mention_cooldown': { at: 'subscriptions.1.mention_cooldown', to: '9m', kind: 'subscriptions' },
  'subscriptions[].id': { at: 'subscriptions.1.id', to: 'autoflags', kind: 'subscriptions' },
  'commands.rooms': { at: 'commands.rooms', to: 'any', kind: 'rooms' },
  'commands.per_room': { at: 'commands.per_room', to: 49, kind: 'atOnce' },
  'commands.users': { at: 'commands.users', to: ['@you:a.org'], kind: 'atOnce' },
  'commands.servers': { at: 'commands.servers', to: ['a.org'], kind: 'atOnce' },
  operators: { at: 'operators', to: 'hq', kind: 'atOnce' },
  greet: { at: 'greet', to: 'off', kind: 'atOnce' },
  priority: { at: 'priority', to: ['feedbacks'], kind: 'atOnce' },
  'derived.lingering_after': { at: 'derived.lingering_after', to: '9m', kind: 'atOnce' },
  'derived.lost_after': { at: 'derived.lost_after', to: '3m', kind: 'atOnce' },
  'derived.quota_below': { at: 'derived.quota_below', to: 999, kind: 'atOnce' },
  'hub.port': { at: 'hub', to: { port: 28_081 }, kind: 'otherCommand' },
  'hub.host': { at: 'hub', to: { host: '0.0.0.0' }, kind: 'otherCommand' },
  'hub.key': { at: 'hub', to: { key: 'a-hub-key' }, kind: 'otherCommand' },
  'hub.key_file': null,
  'hub.legacy': { at: 'hub', to: { legacy: true }, kind: 'otherCommand' },
  'metrics.port': { at: 'metrics.port', to: 9_465, kind: 'metrics' },
  'metrics.host': { at: 'metrics.host', to: 'localhost', kind: 'metrics' },
  'metrics.names': { at: 'metrics.names', to: ['lookout.internal'], kind: 'metrics' },
  // A file of certificates.
  ca_file: null,
  log_level: { at: 'log_level', to: 'debug', kind: 'logLevel' },
  reload: { at: 'reload', to: 'off', kind: 'atOnce' },
};

/** Returns a copy of a configuration in which one value is another. */
export function changed(config: Tree, { at, to }: Pick<KeyChange, 'at' | 'to'>): Tree {
  const copy = structuredClone(config);
  const path = at.split('.');
  const last = path.pop() ?? '';
  let inner = copy as Tree;
  for (const key of path) inner = inner[key] as Tree;
  inner[last] = to;
  return copy;
}

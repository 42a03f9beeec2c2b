import { partsOfAccount, platformOfAccount } from '../account-id.ts';
import { formatEventSpec } from '../catalogue/event-spec.ts';
import { upstreamOf } from '../router/upstream.ts';
import type { Secret } from '../secrets/secret.ts';
import { placeOf } from '../store/place.ts';
import type { PostgresAddress } from '../store/postgres/address.ts';
import { counted } from '../text/counted.ts';
import type { Json } from '../words.ts';
import type { Config, RoomConfig, StoreConfig } from './config.ts';
import type { Extensions } from './extensions.ts';
import { loadConfig } from './load-config.ts';
import { type PlatformRules, platformOf } from './platform.ts';
import { formatProblem, type Problem } from './problem.ts';
import type { Environment } from './substitute.ts';
import { replacedTemplates } from './template-folders.ts';

/** The result of `lookout check`. */
export interface Checked<P extends PlatformRules = PlatformRules> {
  /** For people, one a line. */
  readonly lines: readonly string[];
  /** 2 where there is an error; warnings alone are 0. */
  readonly exitCode: 0 | 2;
  /** The same for programs. No secret is in it. */
  readonly json: { readonly [key: string]: Json };
  /** Null if there is an error. */
  readonly config: Config | null;
  /** The platforms that the configuration may name, with those of others that it loads. */
  readonly platforms: readonly P[];
  /** Every secret that was read, also of a configuration with an error. */
  readonly secrets: readonly Secret[];
}

/** Reads the configuration and says every problem in it; of a good one, what it does. Runs nothing. */
export function check<P extends PlatformRules>(
  file: string,
  environment: Environment,
  extensions: Extensions<P>,
): Checked<P> {
  const { config, problems, platforms, secrets } = loadConfig(file, environment, extensions);
  const count = (severity: Problem['severity']) => problems.filter((problem) => problem.severity === severity).length;
  const [errors, warnings] = [count('error'), count('warning')];
  const total = [
    ...(errors === 0 ? [] : [counted(errors, 'error')]),
    ...(warnings === 0 ? [] : [counted(warnings, 'warning')]),
  ].join(', ');
  const said = problems.map(problemLine);
  return {
    lines: config === null ? [...said, total] : [...said, ...(total === '' ? [] : [total, '']), ...summary(config)],
    exitCode: config === null ? 2 : 0,
    config,
    platforms,
    secrets,
    json: {
      file,
      errors,
      warnings,
      problems: problems.map((problem) => ({ ...problem })),
      config: config === null ? null : jsonSummary(config, platforms),
    },
  };
}

/** A problem as a line for people: as `formatProblem`, with a warning called one. */
export function problemLine(problem: Problem): string {
  const mark = problem.severity === 'warning' ? 'warning: ' : '';
  return formatProblem({ ...problem, wrong: `${mark}${problem.wrong}` });
}

function summary(config: Config): string[] {
  const { source, rooms, subscriptions } = config;
  const named = new Map(rooms.map((room) => [room.address, room.name]));
  const url = source.url === 'demo' ? 'demo, the built-in hub with sample events' : source.url;
  const table: (readonly [string, string])[] = [
    ['source', source.url === 'demo' ? url : `${source.name} at ${url}, key from ${source.key?.from ?? 'nowhere'}`],
    ...(source.url === 'demo' ? [] : [['API', source.api ?? 'none, so what is missed is not fetched'] as const]),
    ['store', storeText(config.store)],
    ...rooms.map((room, i) => [i === 0 ? 'rooms' : '', roomText(room)] as const),
    ...subscriptions.map((subscription, i) => {
      const { id, events, where, template } = subscription;
      const to = subscription.rooms.map((address) => named.get(address) ?? address).join(', ');
      const options = [where && `where ${oneLine(where.source)}`, template && `template ${template}`, `id ${id}`];
      return [
        i === 0 ? 'subscriptions' : '',
        `${formatEventSpec(events)} → ${to} (${options.filter(Boolean).join('; ')})`,
      ] as const;
    }),
    ...replacedTemplates(config.templates).map(
      ({ name, file }, i) => [i === 0 ? 'templates' : '', `${file} replaces Lookout's "${name}"`] as const,
    ),
    ['requested', unionOf(config) || 'nothing'],
    ['operators', config.operators === null ? 'the log alone' : (named.get(config.operators) ?? config.operators)],
    ...(config.greets ? [] : [['greet', 'off'] as const]),
    ...(config.metrics === null
      ? []
      : [['metrics', `port ${config.metrics.port || 'any'} of ${config.metrics.host}`] as const]),
  ];
  return [`${config.file} is good`, ...table.map(([label, text]) => `  ${label.padEnd(13)}  ${text}`)];
}

function roomText({ name, address, account, timeZone, quiet, masksOffensive }: RoomConfig): string {
  const accountName = partsOfAccount(account).name;
  return [
    `${name === address ? '' : `${name} = `}${address}`,
    ...(accountName === null ? [] : [`account ${accountName}`]),
    `times in ${timeZone}`,
    ...(quiet.length === 0 ? [] : [counted(quiet.length, 'stretch of quiet hours', 'stretches of quiet hours')]),
    ...(masksOffensive ? ['offensive titles hidden'] : []),
  ].join(', ');
}

function storeText(store: StoreConfig): string {
  const days = Math.round((store.keepMs / 86_400_000) * 10) / 10;
  return store.kind === 'memory'
    ? 'memory: nothing is kept when it ends'
    : `${placeOf(store)}${store.kind === 'postgres' ? accessText(store.address) : ''}, settled deliveries kept for ${counted(days, 'day')}`;
}

function accessText({ ssl, password }: PostgresAddress): string {
  return `${tlsText(ssl)}${password === null ? '' : `, password from ${password.from}`}`;
}

function tlsText(ssl: PostgresAddress['ssl']): string {
  if (ssl === false) return '';
  if (ssl.rejectUnauthorized === false) return ', TLS required without a check of the certificate';
  return `, TLS with the certificate checked${ssl.checkServerIdentity === undefined ? '' : ', but not its name'}`;
}

function unionOf(config: Config): string {
  return formatEventSpec(upstreamOf(config.subscriptions, config.catalogue));
}

/** Conditions in blocks have several lines. */
function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

function jsonSummary(config: Config, platforms: readonly PlatformRules[]): Json {
  const { source, store } = config;
  return {
    source: {
      name: source.name,
      url: source.url,
      api: source.api,
      backfillMaxAgeMs: source.backfillMaxAgeMs,
      digestAfterMs: source.digestAfterMs,
      detailsPerMinute: source.detailsPerMinute,
      payloadLimitBytes: source.payloadLimitBytes,
      quietAfterMs: source.quietAfterMs,
      events: unionOf(config),
    },
    store: { kind: store.kind, ...(store.kind === 'memory' ? {} : { place: placeOf(store) }), keepMs: store.keepMs },
    adapters: config.adapters,
    chats: Object.fromEntries(
      Object.entries(config.chats).map(([account, chat]) => {
        const { settings } = platformOf(platforms, platformOfAccount(account));
        return [account, chat === null ? null : settings.summary(chat)];
      }),
    ),
    rooms: config.rooms.map((room) => ({
      ...room,
      quiet: room.quiet.map((rule) => ({ ...rule })),
      waves: room.waves && { ...room.waves },
      commands: { ...room.commands },
    })),
    subscriptions: config.subscriptions.map(({ id, events, where, rooms, template, options }) => ({
      id,
      events: formatEventSpec(events),
      where: where?.source ?? null,
      rooms,
      template,
      options: JSON.parse(options.text) as Json,
    })),
    templates: { replaced: replacedTemplates(config.templates).map((one) => ({ ...one })) },
    commands: { ...config.commands },
    operators: config.operators,
    greet: config.greets ? 'on' : 'off',
    priority: config.priority.map(formatEventSpec),
    derived: { ...config.derived },
    hub: { host: config.hub.host, port: config.hub.port, legacy: config.hub.legacy },
    metrics: config.metrics && { ...config.metrics },
    logLevel: config.logLevel,
    reload: config.watchesFiles ? 'on' : 'off',
  };
}

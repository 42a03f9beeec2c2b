import { basename, dirname, resolve } from 'node:path';
import { loadTemplates, shippedTemplates } from '../render/load-templates.ts';
import type { Secret } from '../secrets/secret.ts';
import { maxConfigBytes, readTextFile } from '../text/read-text-file.ts';
import { asMeant } from './as-meant.ts';
import { warnOfUselessExceptions } from './check-exceptions.ts';
import { checkKeep } from './check-keep.ts';
import type { Config, DerivedConfig, HubConfig } from './config.ts';
import type { Context } from './context.ts';
import { withEnvironmentFile } from './environment-file.ts';
import type { Extensions } from './extensions.ts';
import { readKeys } from './key.ts';
import { configKeys, derivedKeys, greetKey, hubKeys, logLevelKey, operatorsKey, reloadKey } from './keys.ts';
import { createLines } from './lines.ts';
import type { PlatformRules } from './platform.ts';
import { type Problem, sortProblems } from './problem.ts';
import { adapterNames, readAdapters } from './read-adapters.ts';
import { readChats } from './read-chats.ts';
import { readCommands } from './read-commands.ts';
import { readListen } from './read-listen.ts';
import { readMetrics } from './read-metrics.ts';
import { readNetwork } from './read-network.ts';
import { readPriority } from './read-priority.ts';
import { readRooms } from './read-rooms.ts';
import { readSecret } from './read-secret.ts';
import { readKind, readModels, readSource } from './read-source.ts';
import { readStore } from './read-store.ts';
import { readSubscriptions } from './read-subscriptions.ts';
import { readYaml } from './read-yaml.ts';
import { createReport, type Report } from './report.ts';
import { checkShape } from './shape-problems.ts';
import type { Environment } from './substitute.ts';
import { warnOfCardsWithoutCard, warnOfPluralTemplates, warnOfUnknownFields } from './template-fields.ts';
import { misplacedTemplates, templateFolders } from './template-folders.ts';
import { getMap, type Mapping } from './tree.ts';

export interface Loaded<P extends PlatformRules = PlatformRules> {
  /** Null when one of the problems is an error. */
  readonly config: Config | null;
  /** Everything at once, in the order of the file. */
  readonly problems: readonly Problem[];
  /** Every platform that the configuration may name, with those of `adapters:`. */
  readonly platforms: readonly P[];
  /** Every secret that was read, also of a configuration with an error. */
  readonly secrets: readonly Secret[];
}

/**
 * Reads the configuration in `file` with the variables of `environment`, and of `.env` beside it; it may name any of `extensions`.
 * Whatever is wrong with the file, or with a file that it names, is a problem in the result, never an exception.
 */
export function loadConfig<P extends PlatformRules>(
  file: string,
  given: Environment,
  extensions: Extensions<P>,
): Loaded<P> {
  const { inputs } = extensions;
  const read = readTextFile(file, maxConfigBytes);
  if (read.outcome === 'unreadable') {
    return {
      config: null,
      platforms: extensions.platforms,
      secrets: [],
      problems: [{ file, line: 1, column: 1, severity: 'error', wrong: read.wrong, right: read.right }],
    };
  }
  const lines = createLines(read.text);
  const report = createReport(file, lines);
  const { environment, problems: ofEnvironment } = withEnvironmentFile(file, given);
  for (const problem of ofEnvironment) report.add(problem);
  const directory = dirname(resolve(file));
  const tree = readYaml(read.text, { lines, environment, report, platforms: extensions.platforms });
  const all = tree?.kind === 'map' ? readAdapters(tree, extensions, { directory, report }) : null;
  const platforms = all ?? extensions.platforms;
  const context: Context = {
    ...{ report, platforms, inputs, directory },
    isReadableByOthers: read.isReadableByOthers,
    isLasting: true,
    secrets: [],
  };
  let config: Config | null = null;
  if (tree?.kind === 'map' && all !== null) {
    const keys = configKeys({ platforms, inputs });
    checkShape({ tree, config: keys, platforms, report });
    config = readParts(file, context, asMeant(tree, keys) as Mapping, environment);
  } else if (report.problems.length === 0) {
    reportNoMap(tree?.kind, tree?.offset ?? 0, report);
  }
  const problems = sortProblems(report.problems, file);
  const isGood = problems.every((problem) => problem.severity === 'warning');
  return { ...deepFreeze({ config: isGood ? config : null, problems }), platforms, secrets: context.secrets };
}

function reportNoMap(kind: string | undefined, offset: number, report: Report): void {
  const right = 'write keys at the top: source, rooms, subscriptions (see config.example.yaml)';
  if (kind === undefined || kind === 'null') report.error(0, 'there is no configuration in this file', right);
  else report.error(offset, `the configuration is ${kind === 'list' ? 'a list' : 'a single value'}`, right);
}

function readParts(file: string, context: Context, top: Mapping, environment: Environment): Config | null {
  const { report } = context;
  const sourceMap = getMap(top, 'source');
  const chats = getMap(top, 'chats');
  const source = readSource(context, sourceMap);
  const store = readStore(context, top);
  const network = readNetwork(context, top, environment);
  if (source !== null && store !== null) checkKeep(context, top, { source, store });
  const forChats = { ...context, isLasting: store?.kind !== 'memory' };
  const { settings, isWrong, accounts } = readChats(forChats, chats);
  const kind = readKind(context, sourceMap);
  const catalogue = kind.createCatalogue(readModels(context, sourceMap));
  const rooms = readRooms(context, getMap(top, 'rooms'), {
    ...{ chats, accounts, catalogue },
    hasApi: source?.api != null,
  });
  const commands = readCommands(context, getMap(top, 'commands'));
  const operatorsText = operatorsKey.read(context, top, 'operators');
  const operators = operatorsText === null ? null : (rooms.find(operatorsText)?.address ?? null);
  const derived = readDerived(context, getMap(top, 'derived'));
  const hub = readHub(context, getMap(top, 'hub'));
  const metrics = readMetrics(context, top);
  const priority = readPriority(context, top, { kind, catalogue });
  const { templates, problems } = loadTemplates(templateFolders(file));
  for (const problem of problems) report.add({ ...problem, severity: 'error' });
  for (const problem of misplacedTemplates(file, templates)) report.add(problem);
  const brokenTemplates = new Set(problems.map((problem) => basename(problem.file, '.hbs')));
  const subscriptions = readSubscriptions(context, top, {
    catalogue,
    rooms,
    templates,
    brokenTemplates,
    hasApi: source?.api != null,
  });
  warnOfUnknownFields(subscriptions, templates, catalogue, shippedTemplates, report);
  warnOfCardsWithoutCard(subscriptions, templates, catalogue, report);
  warnOfPluralTemplates(subscriptions, templates, catalogue, shippedTemplates, report);
  warnOfUselessExceptions(context, top, { rooms: rooms.all, subscriptions, catalogue });
  if (source === null || store === null) return null;
  if (isWrong) return null;
  return {
    file,
    source,
    store,
    network,
    adapters: adapterNames(top).map(({ value }) => value),
    chats: settings,
    rooms: rooms.all,
    subscriptions,
    commands,
    operators,
    greets: greetKey.read(context, top, 'greet') === 'on',
    priority,
    derived,
    hub,
    metrics,
    logLevel: logLevelKey.read(context, top, 'log_level'),
    watchesFiles: reloadKey.read(context, top, 'reload') === 'on',
    templates,
    catalogue,
    secrets: context.secrets,
  };
}

/** Freezes plain objects and arrays, all the way down; instances of classes, maps and functions stay as they are. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

/** `derived:`, with its defaults: from when on something is concluded. What is wrong in it is reported. */
function readDerived(context: Context, map: Mapping | null): DerivedConfig {
  const { lingering_after, lost_after, quota_below } = readKeys(context, map, derivedKeys);
  return { lingeringAfterMs: lingering_after, lostAfterMs: lost_after, quotaBelow: quota_below };
}

/** `hub:`, with its defaults. What is wrong in it is reported. */
function readHub(context: Context, map: Mapping | null): HubConfig {
  const { legacy } = readKeys(context, map, { legacy: hubKeys.legacy });
  return { ...readListen(context, map, hubKeys), key: readSecret(context, map, 'key'), legacy };
}

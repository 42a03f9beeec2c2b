import type { Log } from '../../log.ts';
import { counted } from '../../text/counted.ts';
import { type JsonObject, listOf, objectOf } from '../../text/json.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import type { Call, DiscordClient } from './client.ts';
import type { RegisteredCommand } from './slash-commands.ts';
import { troubleOf } from './trouble.ts';

export interface RegisterOptions {
  readonly client: DiscordClient;
  readonly api: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** The application's id. */
  readonly application: string;
  /** Where they are wanted; none: everywhere. */
  readonly guilds: readonly string[];
  /** Where else the bot is: what an earlier configuration left there would be shown twice. */
  readonly present: readonly string[];
  readonly wanted: readonly RegisteredCommand[];
  /** The commands in the form that the configuration does not have now: an earlier one may have left them somewhere. */
  readonly other: readonly RegisteredCommand[];
}

/** Number of attempts at a request that gets no clear answer. */
const tries = 5;
/** In so many servers is looked whether an earlier configuration left commands there. */
const mostLooked = 50;

/** Tells Discord of the commands where they are wanted and removes them where they are not: only what changed is written. */
export async function registerCommands(options: RegisterOptions): Promise<void> {
  const { guilds, wanted } = options;
  const globally = `/applications/${options.application}/commands` as const;
  const inGuild = (guild: string) => `/applications/${options.application}/guilds/${guild}/commands` as const;
  if (guilds.length === 0) {
    await write(globally, wanted, options);
  } else {
    for (const guild of guilds) await write(inGuild(guild), wanted, options);
    await removeOurs(globally, options);
  }
  const left = options.present.filter((guild) => !guilds.includes(guild)).slice(0, mostLooked);
  for (const guild of left) await removeOurs(inGuild(guild), options);
}

async function write(
  route: `/${string}`,
  wanted: readonly RegisteredCommand[],
  options: RegisterOptions,
): Promise<void> {
  const there = await read(route, options);
  if (there === null || isSame(there, wanted)) return;
  const body = wanted.map(({ description, options: ofCommand, ...rest }) =>
    rest.type === 3 ? rest : { ...rest, description, options: ofCommand },
  );
  const done = await ask({ method: 'PUT', route, body: JSON.stringify(body) }, options);
  if (done !== null)
    options.log.info(
      { platform: 'discord', commands: wanted.length },
      `${counted(wanted.length, 'command was', 'commands were')} registered`,
    );
}

/** Takes our commands out of a list; those of others, which share the application, stay. */
async function removeOurs(route: `/${string}`, options: RegisterOptions): Promise<void> {
  const names = new Set([...options.wanted, ...options.other].map(({ type, name }) => `${type} ${name}`));
  for (const command of (await read(route, options)) ?? []) {
    const { id, type, name } = command;
    if (typeof id !== 'string' || !/^\d+$/.test(id) || !names.has(`${type} ${name}`)) continue;
    await ask({ method: 'DELETE', route: `${route}/${id}` }, options);
  }
}

async function read(route: `/${string}`, options: RegisterOptions): Promise<readonly JsonObject[] | null> {
  const there = await ask({ method: 'GET', route }, options);
  return there === null ? null : listOf(there.body).map(objectOf);
}

/** Returns Discord's answer; null if it refused, which is logged. */
async function ask(
  call: Call,
  { client, api, clock, log, signal }: RegisterOptions,
): Promise<{ body: unknown } | null> {
  for (let attempt = 1; !signal.aborted; attempt++) {
    const exchange = await client.request(call, signal);
    if (exchange.kind === 'ok') return { body: exchange.body };
    const trouble = troubleOf(exchange, api);
    if (!('waitMs' in trouble) || attempt >= tries) {
      const help = trouble.kind === 'room' ? ' (is the bot on that server, invited with applications.commands?)' : '';
      log.warn(
        { platform: 'discord', reason: trouble.reason },
        `commands could not be registered at ${call.route}: ${trouble.reason}${help}`,
      );
      return null;
    }
    await sleep(clock, trouble.waitMs, signal);
  }
  return null;
}

/** Returns true if the registered commands are the wanted ones, whatever fields Discord adds. */
function isSame(there: readonly JsonObject[], wanted: readonly RegisteredCommand[]): boolean {
  const shown = (commands: readonly object[]) => commands.map((one) => JSON.stringify(essence(objectOf(one)))).sort();
  return JSON.stringify(shown(there)) === JSON.stringify(shown(wanted));
}

function essence({ type, name, description, options, default_member_permissions: needs }: JsonObject) {
  return [
    type ?? 1,
    name,
    description ?? '',
    needs === null || needs === undefined ? null : String(needs),
    listOf(options).map(objectOf).map(optionEssence),
  ];
}

function optionEssence({ type, name, description, required, autocomplete, options }: JsonObject): readonly unknown[] {
  return [
    ...[type, name, description, required ?? false, autocomplete ?? false],
    listOf(options).map(objectOf).map(optionEssence),
  ];
}

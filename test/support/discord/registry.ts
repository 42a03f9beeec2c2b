import { fail, ok, type Reply, type Seen } from './exchange.ts';
import { type Fields, invalidForm, isFields, required, tooLong, type Wrong } from './invalid-form.ts';

/** A command as Discord returns it. */
export interface RegisteredCommand extends Readonly<Fields> {
  readonly id: string;
  readonly type: number;
  readonly name: string;
  readonly default_member_permissions: string | null;
  readonly options?: readonly Readonly<Fields>[];
}

/** https://discord.com/developers/docs/interactions/application-commands#application-command-object-application-command-naming */
const slashName = /^[-_ʼ\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const mostOfType: Readonly<Record<number, number>> = { 1: 100, 2: 15, 3: 15 };
const mostCharacters = 8_000;

/** Creates the registry of the commands of one application: globally (with an empty `guild`) and in guilds. */
export function createRegistry(application: string, newId: () => string) {
  const scopes = new Map<string, readonly RegisteredCommand[]>();

  function put(guild: string, request: Seen): Reply {
    const body: unknown = JSON.parse(request.body);
    if (!Array.isArray(body)) return fail(400, 50035, 'Invalid Form Body');
    const wrongs = [...check(body)];
    if (wrongs.length > 0) return invalidForm(wrongs);
    const before = scopes.get(guild) ?? [];
    const made = body.map((each: Fields): RegisteredCommand => {
      const type = Number(each.type ?? 1);
      const known = before.find((old) => old.type === type && old.name === each.name);
      const needs = each.default_member_permissions;
      return {
        id: known?.id ?? newId(),
        application_id: application,
        version: newId(),
        type,
        name: String(each.name),
        description: String(each.description ?? ''),
        nsfw: false,
        default_member_permissions: needs == null ? null : String(needs),
        ...(guild === '' ? { dm_permission: true, contexts: null, integration_types: [0] } : { guild_id: guild }),
        // A false value is not returned.
        ...(Array.isArray(each.options) && each.options.length > 0
          ? { options: each.options.filter(isFields).map(withoutFalse) }
          : {}),
      };
    });
    scopes.set(guild, made);
    return ok(made);
  }

  return {
    of: (guild: string): readonly RegisteredCommand[] => scopes.get(guild) ?? [],
    put,
    get: (guild: string): Reply => ok(scopes.get(guild) ?? []),
    remove(guild: string, id: string): Reply {
      const there = scopes.get(guild) ?? [];
      if (!there.some((each) => each.id === id)) return fail(404, 10063, 'Unknown application command');
      scopes.set(
        guild,
        there.filter((each) => each.id !== id),
      );
      return { status: 204, body: null };
    },
  };
}

export type Registry = ReturnType<typeof createRegistry>;

function* check(commands: readonly unknown[]): Generator<Wrong> {
  const seen = new Set<string>();
  const counts: Record<number, number> = {};
  for (const [index, each] of commands.entries()) {
    const command = isFields(each) ? each : {};
    const type = Number(command.type ?? 1);
    const name = String(command.name ?? '');
    counts[type] = (counts[type] ?? 0) + 1;
    if ((counts[type] ?? 0) > (mostOfType[type] ?? 0)) yield tooLong(String(index), mostOfType[type] ?? 0);
    if (seen.has(`${type} ${name}`))
      yield {
        at: `${index}.name`,
        code: 'APPLICATION_COMMANDS_DUPLICATE_NAME',
        message: 'Application command names must be unique',
      };
    seen.add(`${type} ${name}`);
    if (type === 1) yield* checkSlash(command, String(index));
    else if (name.length === 0 || name.length > 32) yield tooLong(`${index}.name`, 32);
    else if (command.description || command.options)
      yield {
        at: `${index}.description`,
        code: 'APPLICATION_COMMAND_CONTEXT_MENU',
        message: 'Context menu commands cannot have these',
      };
    if (JSON.stringify(command).length > mostCharacters) yield tooLong(String(index), mostCharacters);
  }
}

function* checkNamed(each: Fields, at: string): Generator<Wrong> {
  const name = String(each.name ?? '');
  if (!slashName.test(name) || name !== name.toLowerCase())
    yield { at: `${at}.name`, code: 'APPLICATION_COMMAND_INVALID_NAME', message: 'Command name is invalid' };
  const description = String(each.description ?? '');
  if (description === '') yield required(`${at}.description`);
  if (description.length > 100) yield tooLong(`${at}.description`, 100);
}

function* checkSlash(command: Fields, at: string): Generator<Wrong> {
  yield* checkNamed(command, at);
  const options = Array.isArray(command.options) ? command.options.filter(isFields) : [];
  if (options.length > 25) yield tooLong(`${at}.options`, 25);
  let optional = false;
  for (const [index, option] of options.entries()) {
    const place = `${at}.options.${index}`;
    yield* checkNamed(option, place);
    if (options.findIndex((other) => other.name === option.name) !== index)
      yield { at: place, code: 'APPLICATION_COMMAND_OPTIONS_NAME_INVALID', message: 'Option names must be unique' };
    if (option.required === true && optional)
      yield {
        at: place,
        code: 'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        message: 'Required options must be placed before non-required options',
      };
    if (option.required !== true) optional = true;
    if (option.autocomplete === true && option.choices !== undefined)
      yield {
        at: place,
        code: 'APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES',
        message: 'Autocomplete cannot be used with choices',
      };
    if (option.type === 1) yield* checkSlash(option, place);
  }
}

function withoutFalse(option: Fields): Fields {
  const kept = Object.entries(option).filter(([, value]) => value !== false);
  const inner = Array.isArray(option.options) ? { options: option.options.filter(isFields).map(withoutFalse) } : {};
  return { ...Object.fromEntries(kept), ...inner };
}

import { parseMatrixServer, parseMatrixUser } from './address.ts';
import type { CommandsConfig, RoomCommands } from './config.ts';
import { type Context, textError } from './context.ts';
import { getText, getTexts, type Mapping, type Text } from './tree.ts';

/** `commands:`, with its defaults. What is wrong in it is reported. */
export function readCommands(context: Context, map: Mapping | null): CommandsConfig {
  return {
    rooms: getText(map, 'rooms')?.value === 'any' ? 'any' : 'listed',
    perRoom: readNumber(context, map, 'per_room', 0, 10_000) ?? 50,
    users: readIds(
      context,
      getTexts(map, 'users'),
      isPerson,
      'a person: "@you:example.org", or a Discord id in quotes',
    ),
    servers: readIds(context, getTexts(map, 'servers'), parseMatrixServer, 'a Matrix server: example.org'),
  };
}

/** `rooms.*.commands`: who may change that room. */
export function readRoomCommands(context: Context, map: Mapping | null): RoomCommands {
  return {
    users: readIds(
      context,
      getTexts(map, 'users'),
      isPerson,
      'a person: "@you:example.org", or a Discord id in quotes',
    ),
    roles: readIds(context, getTexts(map, 'roles'), isSnowflake, 'a Discord role: its id, in quotes'),
    power: readNumber(context, map, 'power', -100, 1_000),
  };
}

// https://docs.discord.com/developers/reference#snowflakes
const isSnowflake = (text: string) => /^\d{17,20}$/.test(text);
const isPerson = (text: string) => isSnowflake(text) || Boolean(parseMatrixUser(text));

function readIds(
  context: Context,
  texts: readonly Text[],
  isRight: (text: string) => unknown,
  what: string,
): readonly string[] {
  return texts.flatMap((text) => {
    const written = text.value.trim();
    if (isRight(written)) return [written];
    textError(context, text, 0, `"${written.slice(0, 64)}" is wrong here`, `write ${what}`);
    return [];
  });
}

function readNumber(context: Context, map: Mapping | null, key: string, least: number, most: number): number | null {
  const value = map?.entries.get(key)?.value;
  if (value?.kind !== 'number') return null;
  const number = Number(value.value);
  if (number >= least && number <= most) return number;
  context.report.error(value.offset, `${value.written} is out of bounds`, `write a number from ${least} to ${most}`);
  return null;
}

import { type Command, isCompleted } from '../../commands/command.ts';
import { permission } from './permissions.ts';

/** A command as it is registered with Discord (https://discord.com/developers/docs/interactions/application-commands). */
export interface RegisteredCommand {
  readonly name: string;
  /** 1: written with a slash; 3: in the menu of a message. */
  readonly type: 1 | 3;
  /** Empty for a menu. */
  readonly description: string;
  readonly options: readonly RegisteredOption[];
  /** The permissions of the people whom Discord shows it to; null: everyone. Servers may change that, so it is checked again when it is used. */
  readonly default_member_permissions: number | null;
}

type RegisteredOption = TextOption | Subcommand;

/** A text. */
interface TextOption {
  readonly type: 3;
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly autocomplete: boolean;
}

/** One command of a group. */
interface Subcommand {
  readonly type: 1;
  readonly name: string;
  readonly description: string;
  readonly options: readonly TextOption[];
}

/** `top`: each command has its own name, `/mute`; `grouped`: they are written behind one name, `/lookout mute`. */
export type CommandForm = 'top' | 'grouped';

/** The name that the commands are grouped under. */
export const groupName = 'lookout';

/** Commands in the menu of a message, by the name that stands there, and what they run. */
const menus: readonly { readonly name: string; readonly command: string }[] = [
  { name: 'Mute events like this', command: 'mute' },
  { name: 'Why is this here?', command: 'why' },
  { name: 'Show post', command: 'show' },
];

/** Returns the command that a menu's name runs; null for a name that is not ours. */
export function commandOfMenu(name: string): string | null {
  return menus.find((menu) => menu.name === name)?.command ?? null;
}

/**
 * The table of commands for Discord. `shownToAll`: the configuration lets people change rooms whom Discord does not know as
 * those who may, so nothing is hidden from anyone. Discord hides a group of commands as a whole, so everybody sees the group.
 */
export function slashCommands(
  table: readonly Command[],
  { shownToAll, form }: { readonly shownToAll: boolean; readonly form: CommandForm },
): readonly RegisteredCommand[] {
  const needs = ({ who }: Command) => (who === 'everyone' || shownToAll ? null : Number(permission.manageChannels));
  const slashes =
    form === 'grouped'
      ? [groupOf(table)]
      : table.map(
          (command): RegisteredCommand => ({
            ...{ name: command.name, type: 1, description: command.description, options: optionsOf(command) },
            default_member_permissions: needs(command),
          }),
        );
  const inMenus = menus.flatMap(({ name, command }): RegisteredCommand[] => {
    const found = table.find((each) => each.name === command);
    return found === undefined
      ? []
      : [{ name, type: 3, description: '', options: [], default_member_permissions: needs(found) }];
  });
  return [...slashes, ...inMenus];
}

function groupOf(table: readonly Command[]): RegisteredCommand {
  const options = table.map(
    (command): Subcommand => ({
      ...{ type: 1, name: command.name, description: command.description, options: optionsOf(command) },
    }),
  );
  const description = 'Say and change what this room hears of reported posts';
  return { name: groupName, type: 1, description, options, default_member_permissions: null };
}

/** Discord wants those that are required first. */
function optionsOf({ options }: Command): readonly TextOption[] {
  return options
    .toSorted((a, b) => Number(b.required) - Number(a.required))
    .map(({ name, type, description, required }) => ({
      ...{ type: 3, name, description, required, autocomplete: isCompleted(type) },
    }));
}

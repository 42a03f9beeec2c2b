import { isSnowflake, parseMatrixServer, parseMatrixUser } from './address.ts';
import { type Context, textError, textWarning } from './context.ts';
import type { Text } from './tree.ts';

/** What a list of ids holds: how one is known, and what to write where it is something else. */
const kinds = {
  person: {
    isRight: (text: string) => isSnowflake(text) || parseMatrixUser(text),
    name: 'person',
    right: 'write "@you:example.org", or the id of a Discord user in quotes',
  },
  role: {
    isRight: isSnowflake,
    name: 'Discord role',
    right: 'write its id in quotes: with Developer Mode on, right-click the role, Copy Role ID',
  },
  guild: {
    isRight: isSnowflake,
    name: 'Discord server',
    right: 'write its id in quotes: with Developer Mode on, right-click the server, Copy Server ID',
  },
  server: { isRight: parseMatrixServer, name: 'Matrix server', right: 'write its name alone: example.org' },
} as const;

/** The ids of one kind, each once. What is wrong is reported and left out. */
export function readIds(context: Context, texts: readonly Text[], kind: keyof typeof kinds): readonly string[] {
  const { isRight, name, right } = kinds[kind];
  const ids = texts.flatMap((text) => {
    const written = text.value.trim();
    if (isRight(written)) {
      if (kind === 'server') warnOfBareServer(context, text);
      return [written];
    }
    // A mention, <@…> or <@&…>, or a link, whose first number is the server.
    const meant = kind === 'server' ? undefined : /\d{15,20}/.exec(written)?.[0];
    const isMeant = meant !== undefined && written !== meant && isSnowflake(meant);
    textError(context, text, 0, `"${written.slice(0, 64)}" is no ${name}`, isMeant ? `write "${meant}"` : right);
    return [];
  });
  return [...new Set(ids)];
}

/** Warns of a Matrix server without a dot in its name: a user's name, more likely. */
export function warnOfBareServer(context: Context, text: Text): void {
  const name = text.value.trim();
  if (!/[.:\]]/.test(name) && name !== 'localhost')
    textWarning(context, text, 0, `"${name}" is taken for a server`, 'write a user as "@user:example.org"');
}

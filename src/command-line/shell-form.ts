import { userInfo } from 'node:os';
import type { InShell } from './message-text.ts';

/** Returns the name of the user of this shell; their number if they have no name. */
export function shellUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `${process.getuid?.() ?? 'unknown'}`;
  }
}

/** Returns a word as a shell reads it. */
const quotedWord = (word: string) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Writes commands of a room as they are typed in a shell, where the shell has them. */
export function shellFormFor(room: string): InShell {
  const at = quotedWord(room);
  return (command) => {
    const [name = '', ...rest] = command.split(' ');
    const words = rest.join(' ');
    switch (name) {
      case 'mute':
        return `lookout mutes add ${at}${words === '' ? '' : ` ${words}`}`;
      case 'unmute':
        return words === '' ? 'lookout mutes end <mute>' : `lookout mutes end ${words}`;
      case 'status':
        return `lookout status --room ${at}`;
      default:
        return command;
    }
  };
}

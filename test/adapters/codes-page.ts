import { codesSource, codeTable as discordCodes } from '../../src/adapters/discord/code-table.ts';
import { troubleOf as discordTrouble } from '../../src/adapters/discord/trouble.ts';
import { codeTable as matrixCodes } from '../../src/adapters/matrix/code-table.ts';
import { troubleOf as matrixTrouble } from '../../src/adapters/matrix/trouble.ts';

/** What each kind of a refusal is about, in the words of the page. */
const abouts = {
  message: 'this message',
  text: 'its text',
  change: 'this change',
  changes: 'this kind of change, for a while',
  room: 'the room',
  sleep: 'the thread: it is opened',
  roomWaits: 'the room, for a while',
  accountWaits: 'the account, for a while',
  account: 'the account',
  roomOrText: 'the room if Lookout may not speak there, else the text',
  roomOrChange: 'the room if Lookout may not speak there, else this message or change',
  server: 'no homeserver: the account, for a while',
} as const;

const cell = (text: string) => text.replaceAll('|', '\\|');
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');

/** The table of Discord's codes in `docs/refusals.md`. */
export function discordCodesPage(): string {
  const rows = [...discordCodes]
    .toSorted(([a], [b]) => a - b)
    .map(([code, { says, about }]) => [`\`${code}\``, says, abouts[about]]);
  return `Source of all: <${codesSource}>.\n\n${table(['code', 'Discord says', 'about'], rows)}`;
}

/** The table of Matrix's codes. */
export function matrixCodesPage(): string {
  const rows = [...matrixCodes].map(([code, { says, about, source }]) => [
    `\`${code}\``,
    says,
    abouts[about],
    `[${new URL(source).hostname}](${source})`,
  ]);
  return table(['code', 'it means', 'about', 'source'], rows);
}

const kinds = {
  limited: 'the room or the account, whichever the answer names, for a while',
  notDiscord: 'not Discord: a proxy, or Cloudflare; for a while',
  notMatrix: 'not a homeserver: a proxy; for a while',
  unreachable: '',
  unclear: 'no clear answer: the same bytes again',
  account: 'the account',
  room: 'the room if Lookout may not speak there, else this message or change',
  forbidden: 'the room if Lookout may not speak there, else the text',
  missing: 'the room if Lookout may not speak there, else this message or change',
  message: 'this message or change',
  invalid: 'this message or change',
} as const;

/** The table of statuses that come with a code which is in neither table, or without one. */
export function statusesPage(): string {
  const plain = { kind: 'refused', text: '', retryAfterMs: null } as const;
  const rows = [301, 400, 401, 403, 404, 405, 408, 413, 429, 500, 503].map((status) => {
    const discord = { ...plain, status, isDiscords: true, code: 1, scope: 'user' } as const;
    const foreign = { ...discord, isDiscords: false, code: null };
    const matrix = { ...plain, status, code: 'M_ODD' };
    return [
      String(status),
      kinds[discordTrouble(discord, '').kind],
      kinds[matrixTrouble(matrix, '').kind],
      kinds[discordTrouble(foreign, '').kind].replace(
        'the room or the account, whichever the answer names',
        'the account',
      ),
    ];
  });
  return table(
    ['status', 'from Discord, with another code', 'from a homeserver, with another code', 'in neither form'],
    rows,
  );
}

import type { Adapter } from '../adapters/adapter.ts';
import { createConsoleAdapter } from '../adapters/console/console-adapter.ts';
import type { AnswerTurns } from '../adapters/matrix/answers.ts';
import type { Commands } from '../commands/commands.ts';
import type { Answer, Invocation } from '../commands/invocation.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import { loadSyncPosition, saveSyncPosition } from '../outbox/rows/rooms.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
import type { Database } from '../store/tables.ts';
import type { Clock } from '../time/clock.ts';
import type { Platform } from '../words.ts';

export interface AdaptersOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  /** Where console rooms are shown. Rejects when nobody reads any more. */
  readonly write: (text: string) => Promise<void>;
  readonly color: boolean;
  /** Into how many columns console rooms are laid out; null where nothing limits them. */
  readonly columns: number | null;
}

/** What chats tell of people and rooms. */
export interface PeopleOptions {
  readonly onRoomChanged: (roomId: string) => void;
  readonly onRoomReplaced: (from: string, to: string) => Promise<void>;
  readonly run: (invocation: Invocation) => Promise<Answer | null>;
  readonly ignores: Commands['ignores'];
  /** The account that sends on a platform, once there is one. */
  readonly keeper: (platform: Platform) => AccountKeeper | undefined;
  readonly complete: Commands['complete'];
  readonly table: () => Commands['table'];
  /** Discord refused a request of ours in a way that it counts against us. */
  readonly onInvalidRequest: () => void;
}

/** The adapters of every chat that is set up; the console is always there. No socket is opened before they log in. */
export async function createAdapters(
  options: AdaptersOptions,
  db: Database,
  people: PeopleOptions,
): Promise<Adapter[]> {
  const { config, clock, log } = options;
  const adapters: Adapter[] = [createConsole(options)];
  // Imported only where they are asked for: the libraries take up to half a second to load.
  if (config.chats.discord !== null) {
    const { createDiscordAdapter } = await import('../adapters/discord/discord-adapter.ts');
    const { guilds, ...discord } = config.chats.discord;
    const { run, complete, table, onInvalidRequest } = people;
    const commands = { guilds, shownToAll: namesDiscordPeople(config), run, complete, table };
    adapters.push(createDiscordAdapter({ ...discord, clock, log, commands, onInvalidRequest }));
  }
  if (config.chats.matrix === null) return adapters;
  const { createMatrixAdapter } = await import('../adapters/matrix/matrix-adapter.ts');
  const position = {
    load: (account: Parameters<typeof loadSyncPosition>[2]) => loadSyncPosition(db, 'matrix', account),
    save: (account: Parameters<typeof saveSyncPosition>[2], at: string) => saveSyncPosition(db, 'matrix', account, at),
  };
  const { prefix, ...matrix } = config.chats.matrix;
  const { onRoomChanged, onRoomReplaced, run } = people;
  const ignores = (asker: string) => people.ignores('matrix', asker);
  const turns = answerTurns(() => people.keeper('matrix'));
  const heard = { onRoomChanged, onRoomReplaced, commands: { prefix, run, ignores, turns } };
  adapters.push(createMatrixAdapter({ ...matrix, clock, log, position, ...heard }));
  return adapters;
}

/** The turns of an account that is there before the first command is read. */
export function answerTurns(keeper: () => AccountKeeper | undefined): AnswerTurns {
  return {
    get isLimited() {
      return keeper()?.isLimited ?? false;
    },
    async take(rank, signal) {
      const turn = (await keeper()?.answerTurn(rank, signal)) ?? { turn: 'free' };
      if (turn.turn === 'stopped') return null;
      return turn.turn === 'taken' ? turn.end : () => {};
    },
    limited: (waitMs) => keeper()?.pause(waitMs),
  };
}

/** Whether the configuration lets people of Discord change rooms whom Discord itself would not. */
function namesDiscordPeople({ rooms, commands }: Config): boolean {
  const all = [commands.users, ...rooms.flatMap((room) => [room.commands.users, room.commands.roles])].flat();
  return all.some((id) => !id.startsWith('@'));
}

function createConsole({ write, color, columns }: AdaptersOptions): Adapter {
  return createConsoleAdapter({ write, color, ...(columns !== null && { width: columns }) });
}

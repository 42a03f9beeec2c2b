import type { Adapter, AnswerTurns } from '../adapters/adapter.ts';
import { createConsoleAdapter } from '../adapters/console/console-adapter.ts';
import type { DiscordSettings } from '../adapters/discord/settings.ts';
import type { MatrixSettings } from '../adapters/matrix/settings.ts';
import type { Config } from '../config/config.ts';
import { loadSyncPosition, saveSyncPosition } from '../outbox/rows/rooms.ts';
import type { AccountKeeper } from '../outbox/send/account.ts';
import type { Database } from '../store/tables.ts';
import type { AppOptions } from './options.ts';

export interface AdaptersOptions
  extends Pick<AppOptions, 'config' | 'clock' | 'log' | 'write' | 'color' | 'columns' | 'input'> {
  readonly db: Database;
  /** Called when Discord refused a request of ours in a way that it counts against us. */
  readonly onInvalidRequest: () => void;
}

/** Makes the adapters of every chat that is set up; the console is always there. No socket is opened before they log in. */
export async function createAdapters(options: AdaptersOptions): Promise<Adapter[]> {
  const { config, db, clock, log, onInvalidRequest } = options;
  const adapters: Adapter[] = [createConsole(options)];
  // Imported only if they are configured: the libraries take up to half a second to load.
  if (config.chats.discord != null) {
    const { createDiscordAdapter } = await import('../adapters/discord/discord-adapter.ts');
    const shownToAll = namesDiscordPeople(config);
    adapters.push(
      createDiscordAdapter({ ...(config.chats.discord as DiscordSettings), shownToAll, clock, log, onInvalidRequest }),
    );
  }
  if (config.chats.matrix != null) {
    const { createMatrixAdapter } = await import('../adapters/matrix/matrix-adapter.ts');
    const position = {
      load: (account: Parameters<typeof loadSyncPosition>[2]) => loadSyncPosition(db, 'matrix', account),
      save: (account: Parameters<typeof saveSyncPosition>[2], at: string) =>
        saveSyncPosition(db, 'matrix', account, at),
    };
    adapters.push(createMatrixAdapter({ ...(config.chats.matrix as MatrixSettings), clock, log, position }));
  }
  return adapters;
}

/** The turns of an account, for the answers to commands. */
export function answerTurns(keeper: AccountKeeper): AnswerTurns {
  return {
    get isLimited() {
      return keeper.isLimited;
    },
    async take(rank, signal) {
      const turn = await keeper.answerTurn(rank, signal);
      if (turn.turn === 'stopped') return null;
      return turn.turn === 'taken' ? turn.end : () => {};
    },
    limited: (waitMs) => keeper.pause(waitMs),
  };
}

/** True if the configuration lets people of Discord change rooms whom Discord itself would not. */
function namesDiscordPeople({ rooms, commands }: Config): boolean {
  const all = [commands.users, ...rooms.flatMap((room) => [room.commands.users, room.commands.roles])].flat();
  return all.some((id) => !id.startsWith('@'));
}

function createConsole({ write, color, columns, input, clock }: AdaptersOptions): Adapter {
  return createConsoleAdapter({ write, color, input, clock, ...(columns !== null && { width: columns }) });
}

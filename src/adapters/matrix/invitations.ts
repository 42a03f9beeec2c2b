import type { Log } from '../../log.ts';
import type { Clock } from '../../time/clock.ts';
import { askPatiently } from './ask-patiently.ts';
import type { HomeserverClient } from './client.ts';
import { printable } from './printable.ts';
import { joinTimeoutMs } from './resolve.ts';

export interface InvitationsOptions {
  readonly client: HomeserverClient;
  readonly homeserver: string;
  /** Users (`@a:b`) and servers (`b`) whose invitations are accepted. */
  readonly invite: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly onJoined: (room: string) => void;
  readonly signal: AbortSignal;
}

export interface Invitations {
  /** An invitation came. Accepted ones are joined one after the other in the background, as fast as we may. */
  invited(room: string, by: string | null): void;
  /** Joins that are not finished. */
  readonly pending: number;
  /** Resolves when no join is under way. */
  settled(): Promise<void>;
}

/** Of so many rooms we remember that their invitation was logged. */
const loggedLimit = 1_000;

export function createInvitations(options: InvitationsOptions): Invitations {
  const { log, signal } = options;
  const waiting = new Set<string>();
  const leftAlone = new Set<string>();
  let running: Promise<void> | null = null;

  async function joinAll(): Promise<void> {
    for (const room of waiting) {
      await join(room);
      if (signal.aborted) break;
      waiting.delete(room);
    }
    running = null;
  }

  function tellJoined(room: string): void {
    try {
      options.onJoined(room);
    } catch (err) {
      log.error({ platform: 'matrix', room: printable(room), err }, 'the listener failed on a room that was joined');
    }
  }

  async function join(room: string): Promise<void> {
    const path = `/rooms/${encodeURIComponent(room)}/join`;
    const joined = await askPatiently({ method: 'POST', path, body: '{}', timeoutMs: joinTimeoutMs }, options);
    const fields = { platform: 'matrix', room: printable(room) };
    if (joined.outcome === 'refused')
      log.warn(fields, `could not join ${printable(room)} by invitation: ${joined.reason}`);
    if (joined.outcome !== 'done') return;
    log.info(fields, `joined ${printable(room)} by invitation`);
    tellJoined(room);
  }

  return {
    invited(room, by) {
      if (by === null || !accepts(options.invite, by)) {
        if (leftAlone.has(room) || leftAlone.size >= loggedLimit) return;
        leftAlone.add(room);
        // Neither the room's name nor the invitation's text: both are whatever a stranger wrote.
        const whose = by === null ? 'does not say whose it is' : `is from ${printable(by)}, not in chats.matrix.invite`;
        log.info(
          { platform: 'matrix', room: printable(room) },
          `left alone an invitation to ${printable(room)}: it ${whose}`,
        );
        return;
      }
      waiting.add(room);
      running ??= joinAll();
    },
    get pending() {
      return waiting.size;
    },
    settled: () => running ?? Promise.resolve(),
  };
}

/** Returns true if `by` (`@user:server`) is among the users and servers of `invite`. The case of server names does not count. */
function accepts(invite: readonly string[], by: string): boolean {
  const server = by.slice(by.indexOf(':') + 1).toLowerCase();
  if (!/^@[^:]*:./.test(by)) return false;
  return invite.some((entry) => (entry.startsWith('@') ? entry === by : entry.toLowerCase() === server));
}

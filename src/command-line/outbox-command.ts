import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { type DeadLetter, dropDeadLetter, listDeadLetters, retryDeadLetter } from '../outbox/dead-letters.ts';
import { openExistingStore } from '../store/open-store.ts';
import type { Database } from '../store/tables.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** `lookout outbox list`: exit 0, also when there is nothing. */
export async function listCommand(config: Config, json: boolean, terminal: Terminal): Promise<ExitCode> {
  return withStore(config, terminal, async (db) => {
    const letters = await listDeadLetters(db);
    if (json) terminal.out(`${JSON.stringify(letters, null, 2)}\n`);
    else for (const letter of letters) terminal.out(`${line(letter)}\n`);
    if (!json)
      terminal.err(
        letters.length === 0
          ? 'no dead letters, no failed events\n'
          : `${letters.length} in all: \`lookout outbox retry <id>\` tries again, \`lookout outbox drop <id>\` gives up\n`,
      );
    return 0;
  });
}

/** `lookout outbox retry|drop <id>...`: exit 1 if one of the ids is no dead letter. */
export async function handleCommand(
  config: Config,
  what: 'retry' | 'drop',
  ids: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  return withStore(config, terminal, async (db) => {
    const handle = what === 'retry' ? retryDeadLetter : dropDeadLetter;
    const chosen = ids.includes('all') ? (await listDeadLetters(db)).map((letter) => letter.id) : ids;
    let code: ExitCode = 0;
    for (const id of chosen) {
      if ((await handle(db, id, systemClock.now())) === 'unknown') {
        terminal.err(`${id}: no such dead letter: \`lookout outbox list\` shows which there are\n`);
        code = 1;
      } else terminal.out(`${id}: ${what === 'retry' ? 'waits to be sent again' : 'dropped'}\n`);
    }
    if (chosen.length === 0) terminal.err('no dead letters, no failed events\n');
    return code;
  });
}

/** One line, its columns apart by two blanks: id, since, room, subject, events, reason. */
function line(letter: DeadLetter): string {
  const attempts =
    letter.kind === 'send' ? ` (${letter.attempts} ${letter.attempts === 1 ? 'attempt' : 'attempts'})` : '';
  return [
    letter.id,
    new Date(letter.since).toISOString(),
    letter.room ?? '-',
    letter.subject,
    letter.events.join(','),
    `${letter.reason}${attempts}`,
  ].join('  ');
}

async function withStore(
  config: Config,
  terminal: Terminal,
  work: (db: Database) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (config.store.kind === 'memory') {
    terminal.err(`${config.file}: \`store: memory\` keeps nothing beyond its process: there is no outbox to look at\n`);
    return 1;
  }
  const store = await openExistingStore(config.store.file);
  try {
    return await work(store.db);
  } finally {
    await store.close();
  }
}

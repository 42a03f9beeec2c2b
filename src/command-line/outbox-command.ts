import type { Command } from 'commander';
import { type Backlog, listBacklog } from '../outbox/rows/backlog.ts';
import { type DeadLetter, dropDeadLetter, listDeadLetters, retryDeadLetter } from '../outbox/rows/dead-letters.ts';
import { roomText } from '../rooms/named-room.ts';
import { counted } from '../text/counted.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { toWall } from '../time/clock.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Runs `lookout outbox list`: exits with 0 even if there is nothing to list. */
export async function listCommand(named: NamedStore, json: boolean, terminal: Terminal): Promise<ExitCode> {
  return withNamedStore(named, terminal, async (db, clock) => {
    const letters = (await listDeadLetters(db)).map((one) => ({ ...one, since: toWall(clock, one.since) }));
    const rooms = (await listBacklog(db)).map((one) => ({ ...one, since: toWall(clock, one.since) }));
    if (json) {
      terminal.out(printedJson({ deadLetters: letters, rooms }));
      return 0;
    }
    for (const letter of letters) terminal.out(printedRow(columns(letter)));
    terminal.err(
      letters.length === 0
        ? 'no dead letters, no failed events\n'
        : `${letters.length} in all: \`lookout outbox retry <id>\` tries again, \`lookout outbox drop <id>\` gives up\n`,
    );
    for (const room of rooms) terminal.err(printedRow([backlogLine(room)]));
    return 0;
  });
}

function backlogLine({ room, address, waiting, parked, since }: Backlog): string {
  const parts = [
    waiting === 0 ? '' : counted(waiting, 'delivery waits', 'deliveries wait'),
    parked === 0 ? '' : `${parked} parked, because the room is no longer in the configuration`,
  ];
  return `room ${roomText({ name: room, address })}: ${parts.filter((part) => part !== '').join(', ')}; the oldest from ${new Date(since).toISOString()}`;
}

/** Runs `lookout outbox retry|drop <id>...`: exits with 1 if one of the ids is not a dead letter. */
async function handleCommand(
  named: NamedStore,
  what: 'retry' | 'drop',
  ids: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  return withNamedStore(named, terminal, async (db, clock) => {
    const handle = what === 'retry' ? retryDeadLetter : dropDeadLetter;
    const chosen = ids.includes('all') ? (await listDeadLetters(db)).map((letter) => letter.id) : ids;
    let code: ExitCode = 0;
    for (const id of chosen) {
      if ((await handle(db, id, clock.now())) === 'unknown') {
        terminal.err(`${id}: not a dead letter: see \`lookout outbox list\`\n`);
        code = 1;
      } else terminal.out(`${id}: ${what === 'retry' ? 'waits to be sent again' : 'dropped'}\n`);
    }
    if (chosen.length === 0) terminal.err('no dead letters, no failed events\n');
    return code;
  });
}

/** Returns id, since, room, subject, events, reason. */
function columns(letter: DeadLetter): readonly string[] {
  const attempts = letter.kind === 'send' ? ` (${counted(letter.attempts, 'attempt')})` : '';
  return [
    letter.id,
    new Date(letter.since).toISOString(),
    letter.room ?? '-',
    letter.subject,
    letter.events.join(','),
    `${letter.reason}${attempts}`,
  ];
}

/** Adds `lookout outbox`. */
export function addOutbox(program: Command, line: CommandLine): void {
  const { terminal } = line;
  const outbox = program
    .command('outbox')
    .description('dead letters and failed events: list, retry, drop; also while `run` is running');
  outbox
    .command('list')
    .description('all dead letters and failed events, oldest first; then the waiting deliveries by room')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: { config?: string; json?: boolean }) => {
      line.end(await withStore(line, options.config, (named) => listCommand(named, options.json ?? false, terminal)));
    });
  for (const [what, does] of [
    ['retry', 'retry these, under new keys'],
    ['drop', 'give these up for good'],
  ] as const)
    outbox
      .command(what)
      .description(does)
      .argument('<id...>', 'the first column of `outbox list`, or `all`')
      .addOption(configOption())
      .action(async (ids: string[], options: { config?: string }) => {
        line.end(await withStore(line, options.config, (store) => handleCommand(store, what, ids, terminal)));
      });
}

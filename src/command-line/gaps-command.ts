import type { Command } from 'commander';
import { fetchedText } from '../commands/status.ts';
import { listGaps } from '../inputs/gaps/gap-rows.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { type NamedStore, withNamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Most gaps that are listed, newest first. */
const MOST_GAPS = 1_000;

/**
 * Runs `lookout gaps`: prints the times in which events may have been missed, newest first, in columns separated by two
 * blanks: from, until, the reason, how far it is fetched, what of it may be lost.
 */
export async function gapsCommand(store: NamedStore, json: boolean, terminal: Terminal): Promise<ExitCode> {
  return withNamedStore(store, terminal, async (db) => {
    const gaps = await listGaps(db, 0, MOST_GAPS);
    if (json) terminal.out(printedJson(gaps));
    else
      for (const gap of gaps) {
        const [from, until] = [gap.from, gap.until].map((at) => new Date(at).toISOString());
        const lost = gap.lost === null ? [] : [`may be lost: ${gap.lost}`];
        terminal.out(printedRow([from ?? '', until ?? '', gap.reason, fetchedText(gap), ...lost]));
      }
    if (gaps.length === 0) terminal.err('no gaps\n');
    return 0;
  });
}

/** Adds `lookout gaps`. */
export function addGaps(program: Command, line: CommandLine): void {
  program
    .command('gaps')
    .description('times in which events may have been missed, newest first')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: { config?: string; json?: boolean }) => {
      line.end(
        await withStore(line, options.config, (named) => gapsCommand(named, options.json ?? false, line.terminal)),
      );
    });
}

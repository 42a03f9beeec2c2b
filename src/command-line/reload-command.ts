import type { Command } from 'commander';
import type { Reloaded } from '../reload/reloader.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import type { ExitCode, Terminal } from './terminal.ts';
import { withRunning } from './with-running.ts';

/** Adds `lookout reload`. */
export function addReload(program: Command, line: CommandLine): void {
  const { terminal } = line;
  program
    .command('reload')
    .description('make the running Lookout read its configuration again; exit code 2 if it refuses it')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options: { config?: string; json?: boolean }) => {
      const question = { method: 'POST', path: '/reload' } as const;
      line.end(
        await withStore(line, options.config, (named) =>
          withRunning(named, question, terminal, (answer) => {
            const reloaded = answer as unknown as Reloaded;
            if (options.json) terminal.out(printedJson(answer));
            return options.json ? exitCodeOf(reloaded) : print(reloaded, terminal);
          }),
        ),
      );
    });
}

function print(reloaded: Reloaded, terminal: Terminal): ExitCode {
  const lines = (texts: readonly string[]) => texts.map((text) => printedRow([text])).join('');
  switch (reloaded.outcome) {
    case 'applied':
      terminal.err(lines(reloaded.warnings));
      terminal.out(reloaded.changes.length === 0 ? 'nothing changed\n' : lines(reloaded.changes));
      break;
    case 'refused':
      terminal.err(`${lines(reloaded.problems)}refused; the configuration before it is used on\n`);
      break;
    case 'failed':
      terminal.out(lines(reloaded.changes));
      terminal.err(`${lines(reloaded.problems)}part of this is not in effect; the next reload tries it again\n`);
      break;
    default:
      reloaded satisfies never;
  }
  return exitCodeOf(reloaded);
}

function exitCodeOf({ outcome }: Reloaded): ExitCode {
  return outcome === 'applied' ? 0 : outcome === 'refused' ? 2 : 1;
}

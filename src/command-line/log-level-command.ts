import { Argument, type Command } from 'commander';
import { type LogLevel, logLevels } from '../log.ts';
import { printedJson } from '../text/printed.ts';
import { type CommandLine, configOption, jsonOption, withStore } from './command-line.ts';
import { withRunning } from './with-running.ts';

/** Adds `lookout log-level`. */
export function addLogLevel(program: Command, line: CommandLine): void {
  const { terminal } = line;
  program
    .command('log-level')
    .description('show or change the least level of log lines of the running Lookout, until it ends')
    .addArgument(
      new Argument('[level]', 'the level from now on; without it, the present one is shown').choices(logLevels),
    )
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (level: LogLevel | undefined, options: { config?: string; json?: boolean }) => {
      const question =
        level === undefined
          ? ({ method: 'GET', path: '/log-level' } as const)
          : ({ method: 'POST', path: '/log-level', body: { level } } as const);
      line.end(
        await withStore(line, options.config, (named) =>
          withRunning(named, question, terminal, (answer) => {
            const { level: now, before = now } = answer as { level: string; before?: string };
            if (options.json) terminal.out(printedJson(answer));
            else terminal.out(level === undefined ? `${now}\n` : `${now} (before: ${before})\n`);
            return 0;
          }),
        ),
      );
    });
}

import { type Command, Option } from 'commander';
import { type LogLevel, logLevels } from '../log.ts';
import { type CommandLine, configOption, withConfig } from './command-line.ts';

/** Adds `lookout run`. */
export function addRun(program: Command, line: CommandLine): void {
  program
    .command('run')
    .description('receive events and post messages until Ctrl-C')
    .addOption(configOption())
    .addOption(
      new Option('--log-level <level>', 'least level of log lines; default: log_level of the configuration').choices(
        logLevels,
      ),
    )
    .action(async (options: { config?: string; logLevel?: LogLevel }) => {
      // The other commands start in half the time without the chats' libraries.
      const { runCommand } = await import('./run-command.ts');
      const code = await withConfig(line, options.config, (config, platforms) =>
        runCommand(
          config,
          { ...line, platforms, logLevel: options.logLevel ?? null, input: line.openInput() },
          line.terminal,
        ),
      );
      line.end(code);
    });
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { terminalPlatform } from '../adapters/terminal-platform.ts';
import { type CommandLine, configOption } from './command-line.ts';
import { withOfflineConfig } from './offline-config.ts';

interface Options {
  readonly config?: string;
  readonly speed: number;
  readonly dryRun?: boolean;
  readonly store: boolean;
}

/** Adds `lookout replay`. */
export function addReplay(program: Command, line: CommandLine): void {
  program
    .command('replay')
    .description('play recorded events through the configuration, in a store of its own; no room gets anything')
    .argument('<events>', 'a file with one event in each line, as `lookout record` writes it; - is standard input')
    .addOption(configOption())
    .addOption(
      new Option('--speed <factor>', 'how much faster than it was: 10 for ten times').default(1).argParser((text) => {
        const factor = Number(text);
        if (/^\d{1,5}(?:\.\d+)?$/.test(text) && factor > 0) return factor;
        throw new InvalidArgumentError('expected a number above 0, for example 10.');
      }),
    )
    .addOption(
      new Option('--to <where>', 'where the messages are shown').choices([terminalPlatform]).default(terminalPlatform),
    )
    .option('--dry-run', 'wait for nothing and show no message: only count what each room would get')
    .option('--no-store', 'leave out the subscriptions, mutes and quiet hours that were made by commands')
    .action(async (file: string, { config, speed, dryRun = false, store }: Options) => {
      const { replayCommand } = await import('./replay-command.ts');
      const said = { file, speed, dryRun, store };
      line.end(await withOfflineConfig(line, config, (loaded) => replayCommand(loaded, said, line)));
    });
}

import type { Command } from 'commander';
import { type CommandLine, configOption, jsonOption } from './command-line.ts';
import { fileOrSample, sampleOption } from './file-or-sample.ts';
import { withOfflineConfig } from './offline-config.ts';

interface Options {
  readonly config?: string;
  readonly sample?: string;
  readonly expect?: string;
  readonly json?: boolean;
  readonly store: boolean;
}

/** Adds `lookout explain`. */
export function addExplain(program: Command, line: CommandLine): void {
  program
    .command('explain')
    .description('say which rooms get events, by which subscription, and why the others do not; nothing is sent')
    .argument('[events]', 'a file with one event in each line, as `lookout record` writes it; - is standard input')
    .addOption(configOption())
    .addOption(sampleOption())
    .option('--expect <file>', 'compare with a YAML file, print what differs, and exit with 1 if anything does')
    .addOption(jsonOption())
    .option('--no-store', 'leave out the subscriptions, mutes and quiet hours that were made by commands')
    .action(async (events: string | undefined, options: Options) => {
      const { config, json = false, store } = options;
      const chosen = fileOrSample(events, options.sample, line.terminal);
      if (chosen === null) return line.end(2);
      const { explainCommand } = await import('./explain-command.ts');
      const said = { ...chosen, expect: options.expect ?? null, json, store };
      line.end(await withOfflineConfig(line, config, (loaded) => explainCommand(loaded, said, line)));
    });
}

import { type Command, InvalidArgumentError, Option } from 'commander';
import { type CommandLine, configOption, withConfig } from './command-line.ts';

interface Options {
  readonly config?: string;
  readonly events?: string;
  readonly cut?: number;
  readonly count?: number;
}

const number = (text: string) => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a number above 0.');
};

/** Adds `lookout record`. */
export function addRecord(program: Command, line: CommandLine): void {
  program
    .command('record')
    .description('write what the source sends as lines of JSON, until Ctrl-C; private columns and the key are left out')
    .addOption(configOption())
    .option('--events <events>', 'what to ask for, for example posts;feedbacks; default what the subscriptions need')
    .addOption(
      new Option(
        '--cut <characters>',
        'cut what is longer in columns for long texts, such as the body of a post',
      ).argParser(number),
    )
    .addOption(new Option('--count <number>', 'end after so many events').argParser(number))
    .action(async ({ config, events = '', cut, count }: Options) => {
      const { recordCommand } = await import('./record-command.ts');
      const said = { events: events === '' ? null : events, cut: cut ?? null, count: count ?? null };
      line.end(await withConfig(line, config, (loaded) => recordCommand(loaded, said, line)));
    });
}

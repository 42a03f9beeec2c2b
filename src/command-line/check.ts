import type { Command } from 'commander';
import { check } from '../config/check.ts';
import { configKeys } from '../config/keys.ts';
import { jsonSchemaOf } from '../config/shape.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { checkOnline, findingLines, findingsCode } from './check-online.ts';
import { type CommandLine, configFile, configOption, jsonOption } from './command-line.ts';
import { extensions } from './extensions.ts';

interface CheckOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly online?: boolean;
  readonly join?: boolean;
  readonly schema?: boolean;
}

/** Adds `lookout check`. */
export function addCheck(program: Command, line: CommandLine): void {
  const { environment, terminal } = line;
  program
    .command('check')
    .description('report every mistake in the configuration, and where; run nothing')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--online', 'also ask the source and the chats: keys, accounts, rooms; sends nothing into a room')
    .option('--join', 'with --online: join the rooms that the bot may join')
    .option('--schema', 'print the JSON Schema of the configuration instead, for editors')
    .action(async (options: CheckOptions) => {
      if (options.schema) return terminal.out(printedJson(jsonSchemaOf(configKeys(extensions))));
      const file = configFile(line, options.config);
      const { config, platforms, ...found } = check(file ?? 'config.yaml', environment, extensions);
      line.end(found.exitCode);
      if (file === null && !options.json) return;
      if (!options.json) terminal.out(found.lines.map((line) => printedRow([line])).join(''));
      const isAsked = options.online === true && config !== null;
      if (isAsked) terminal.err('Asking the source and the chats …\n');
      const online = isAsked
        ? await checkOnline({ config, platforms, joins: options.join ?? false, inputs: extensions.inputs })
        : null;
      if (online !== null) line.end(findingsCode(online));
      if (options.json) terminal.out(printedJson(online === null ? found.json : { ...found.json, online }));
      else if (online !== null) terminal.out(`\n${findingLines(online)}`);
    });
}

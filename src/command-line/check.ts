import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { check } from '../config/check.ts';
import { configKeys } from '../config/keys.ts';
import { loadConfig } from '../config/load-config.ts';
import { jsonSchemaOf } from '../config/shape.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { shownLine } from '../text/shown.ts';
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
    .option(
      '--schema',
      'print the JSON Schema of the configuration instead, for editors; with the keys of its adapters',
    )
    .action(async (options: CheckOptions) => {
      if (options.schema) return printSchema(line, options.config);
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

/** Prints the JSON Schema, with the keys of the chats whose adapters the configuration names, if there is one. */
function printSchema({ environment, terminal, end }: CommandLine, named: string | undefined): void {
  if (named !== undefined && !existsSync(named)) {
    terminal.err(`there is no file ${shownLine(named)}\n`);
    end(2);
    return;
  }
  const { platforms } = loadConfig(named ?? 'config.yaml', environment, extensions);
  terminal.out(printedJson(jsonSchemaOf(configKeys({ ...extensions, platforms }))));
}

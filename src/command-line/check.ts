import type { Command } from 'commander';
import { check } from '../config/check.ts';
import { configKeys } from '../config/keys.ts';
import { jsonSchemaOf } from '../config/shape.ts';
import { printedJson, printedRow } from '../text/printed.ts';
import { type CommandLine, configFile, configOption, jsonOption } from './command-line.ts';
import { extensions } from './extensions.ts';

/** Adds `lookout check`. */
export function addCheck(program: Command, line: CommandLine): void {
  const { environment, terminal } = line;
  program
    .command('check')
    .description('report every mistake in the configuration, and where; run nothing')
    .addOption(configOption())
    .addOption(jsonOption())
    .option('--schema', 'print the JSON Schema of the configuration instead, for editors')
    .action((options: { config?: string; json?: boolean; schema?: boolean }) => {
      if (options.schema) return terminal.out(printedJson(jsonSchemaOf(configKeys(extensions))));
      const file = configFile(line, options.config);
      const found = check(file ?? 'config.yaml', environment, extensions);
      line.end(found.exitCode);
      if (file === null && !options.json) return;
      terminal.out(options.json ? printedJson(found.json) : found.lines.map((line) => printedRow([line])).join(''));
    });
}

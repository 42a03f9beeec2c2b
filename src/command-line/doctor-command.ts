import type { Command } from 'commander';
import { writeOverPrivately } from '../secrets/write-private-file.ts';
import { shownLine } from '../text/shown.ts';
import { writeErrorText } from '../text/write-error-text.ts';
import { systemClock } from '../time/clock.ts';
import { type CommandLine, configFile, configOption } from './command-line.ts';
import { reportOf } from './doctor-report.ts';
import { extensions } from './extensions.ts';

/** Adds `lookout doctor`. */
export function addDoctor(program: Command, line: CommandLine): void {
  const { environment, terminal, version } = line;
  program
    .command('doctor')
    .description(
      'collect what a bug report needs into one file: version, configuration without secrets, states, errors',
    )
    .argument('[file]', 'the file to write; - for standard output', 'lookout-doctor.json')
    .addOption(configOption())
    .action(async (to: string, options: { config?: string }) => {
      const file = configFile(line, options.config);
      if (file === null) return line.end(2);
      const text = await reportOf({ file, environment, extensions, version, now: systemClock.now() });
      if (to === '-') return terminal.out(text);
      try {
        writeOverPrivately(to, text);
      } catch (error) {
        terminal.err(`${writeErrorText(shownLine(to), error) ?? String(error)}\n`);
        return line.end(1);
      }
      terminal.err(
        `${shownLine(to)} has what a bug report needs. No token or key is in it, but the names of your rooms are: read it before you send it.\n`,
      );
    });
}

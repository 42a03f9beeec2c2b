import { type Command, Option } from 'commander';
import { platforms } from '../adapters/platforms.ts';
import { type CommandLine, configFile, configOption } from './command-line.ts';
import { fileOrSample, sampleOption } from './file-or-sample.ts';
import { withOfflineConfig } from './offline-config.ts';
import type { RenderForm } from './render-command.ts';

interface Options {
  readonly config?: string;
  readonly event?: string;
  readonly sample?: string;
  readonly platform?: string;
  readonly room?: string;
  readonly as: RenderForm;
  readonly out?: string;
  readonly watch?: boolean;
}

/** Adds `lookout render`. */
export function addRender(program: Command, line: CommandLine): void {
  const { terminal } = line;
  const drawn = platforms.filter(({ sketch }) => sketch !== undefined).map(({ name }) => name);
  program
    .command('render')
    .description('show what a template makes of an event; nothing is sent')
    .argument('<template>', 'its name: post, card, or that of your own')
    .addOption(configOption())
    .option(
      '--event <file>',
      'a file with one event in each line: the last is shown, the others are known; - is standard input',
    )
    .addOption(sampleOption())
    .addOption(new Option('--platform <name>', 'the chat; default that of the room, else the terminal').choices(drawn))
    .option('--room <name>', 'a room of the configuration, for its name and time zone')
    .addOption(
      new Option('--as <form>', 'text, the body of the request, a page, or a picture of it')
        .choices(['text', 'json', 'html', 'png'])
        .default('text'),
    )
    .option('-o, --out <file>', 'write a file instead of standard output')
    .option('--watch', 'show it again whenever the template, the configuration or the events change, until Ctrl-C')
    .action(async (template: string, options: Options) => {
      const { config, event, sample, platform = null, room = null, as, out = null, watch = false } = options;
      const chosen = fileOrSample(event, sample ?? (event === undefined ? defaultSample : undefined), terminal);
      if (chosen === null) return line.end(2);
      if (watch && event === '-') {
        terminal.err('--watch reads the events again, which standard input cannot: name a file\n');
        return line.end(2);
      }
      if (as === 'png' && out === null) {
        terminal.err('a picture needs a file: add `--out post.png`\n');
        return line.end(2);
      }
      const { renderCommand } = await import('./render-command.ts');
      const said = { ...chosen, template, platform, room, as, out };
      const once = () => withOfflineConfig(line, config, (loaded) => renderCommand(loaded, said, line));
      const code = await once();
      if (!watch) return line.end(code);
      const file = configFile(line, config);
      if (file === null) return line.end(2);
      const { watchFiles } = await import('./watch-files.ts');
      await watchFiles({ config: file, events: chosen.file, again: once, line });
      line.end(0);
    });
}

const defaultSample = 'posts#create';

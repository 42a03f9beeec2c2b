import { Argument, type Command } from 'commander';
import type { CommandLine } from './command-line.ts';

/** The shells that a script is written for. */
const shells = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof shells)[number];

/** Adds `lookout completion`. */
export function addCompletion(program: Command, { terminal }: Pick<CommandLine, 'terminal'>): void {
  program
    .command('completion')
    .description('print a script with which a shell completes commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .action((shell: Shell) => terminal.out(completionScript(program, shell)));
}

/** One thing that can be typed after a command: a command below it, an option, or a choice of its argument. */
interface Word {
  readonly text: string;
  readonly says: string;
  /** True for an option that a value follows. */
  readonly takesValue: boolean;
}

/** A command, and what can be typed after it. */
interface Level {
  /** `outbox list`; empty: the program itself. */
  readonly path: string;
  readonly words: readonly Word[];
}

/** Returns the script for a shell. It completes the commands and options of `program` as they are now, and file names elsewhere. */
export function completionScript(program: Command, shell: Shell): string {
  const levels = levelsOf(program, '');
  const name = program.name();
  switch (shell) {
    case 'bash':
      return bashScript(name, levels);
    case 'zsh':
      return zshScript(name, levels);
    case 'fish':
      return fishScript(name, levels);
    default:
      return shell satisfies never;
  }
}

function levelsOf(command: Command, path: string): readonly Level[] {
  const options = [
    ...command.options,
    ...(path === '' ? [] : [{ long: '--help', flags: '--help', description: 'show its help' }]),
  ];
  const words = [
    ...command.commands.map((below) => ({ text: below.name(), says: below.description(), takesValue: false })),
    ...command.registeredArguments.flatMap(({ argChoices, description }) =>
      (argChoices ?? []).map((text) => ({ text, says: description, takesValue: false })),
    ),
    ...options.flatMap(({ long, flags, description }) =>
      long == null ? [] : [{ text: long, says: description, takesValue: flags.includes('<') }],
    ),
  ];
  const below = command.commands.flatMap((one) => levelsOf(one, path === '' ? one.name() : `${path} ${one.name()}`));
  return [{ path, words }, ...below];
}

const paths = (levels: readonly Level[]) => levels.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
const valued = (levels: readonly Level[]) => {
  const options = levels.flatMap(({ words }) => words.filter(({ takesValue }) => takesValue).map(({ text }) => text));
  return [...new Set(['-c', ...options])].join('|');
};

function bashScript(name: string, levels: readonly Level[]): string {
  const cases = levels.map(({ path, words }) => `    '${path}') words='${words.map(({ text }) => text).join(' ')}' ;;`);
  return `# ${name} completion bash > ~/.local/share/bash-completion/completions/${name}
_${name}() {
  local path='' words='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths(levels).join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  COMPREPLY=()
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
    ${valued(levels)}) return ;;
  esac
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name} ${name}
`;
}

/** Text in single quotes, as each of the shells reads it. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

function zshScript(name: string, levels: readonly Level[]): string {
  const item = ({ text, says }: Word) => quoted(`${text}:${says.replaceAll(':', '\\:')}`);
  const cases = levels.map(({ path, words }) => `    '${path}') items=(${words.map(item).join(' ')}) ;;`);
  return `#compdef ${name}
# ${name} completion zsh > "\${fpath[1]}/_${name}"
_${name}() {
  local place='' word
  local -a items
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "\${place:+$place }$word" in
      ${paths(levels).join('|')}) place="\${place:+$place }$word" ;;
    esac
  done
  case "\${words[CURRENT-1]}" in
    ${valued(levels)}) _files; return ;;
  esac
  case "$place" in
${cases.join('\n')}
  esac
  _describe -t words '${name}' items || _files
}
_${name} "$@"
`;
}

function fishScript(name: string, levels: readonly Level[]): string {
  const lines = levels.flatMap(({ path, words }) =>
    words.map(({ text, says, takesValue }) => {
      const word = text.startsWith('--') ? `-l ${text.slice(2)}${takesValue ? ' -r' : ''}` : `-f -a ${text}`;
      return `complete -c ${name} -n '__${name}_at "${path}"' ${word} -d ${quoted(says).replaceAll("'\\''", "\\'")}`;
    }),
  );
  return `# ${name} completion fish > ~/.config/fish/completions/${name}.fish
function __${name}_at
  set -l place
  for word in (commandline -opc)[2..-1]
    contains -- (string join ' ' $place $word) ${paths(levels).join(' ')}; and set -a place $word
  end
  test (string join ' ' $place) = "$argv[1]"
end
${lines.join('\n')}
`;
}

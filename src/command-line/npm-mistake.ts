type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the message that npm took an option, with the command that passes it to Lookout. */
const typed = (what: string) =>
  `npm took \`${what}\` for itself. After \`npm start\`, Lookout's options need a \`--\` before them: \`npm start -- ${what}\`, or \`npx lookout run ${what}\`.`;

/**
 * Returns a message if npm kept options that were typed after `npm start`; null if it kept none. npm takes options
 * before a `--` for its own and reports them in `npm_config_…` (https://docs.npmjs.com/cli/commands/npm-start, seen
 * with 9.9.4, 10.8.2 and 11.21.2): `-c x` is its `--call x`; of unknown options it keeps `--config=x` completely, and
 * passes the x of `--config x` to us as an argument.
 *
 * @param args the arguments after `run` that reached us
 */
export function npmMistake(args: readonly string[], environment: Environment): string | null {
  if (environment.npm_lifecycle_event !== 'start') return null;
  const { npm_config_call: call = '', npm_config_config: config = '', npm_config_log_level: level = '' } = environment;
  // `npx -c "npm start"` sets `call`, too, to a whole command.
  if (call !== '' && (!/\s/.test(call) || /\.ya?ml$/i.test(call))) return typed(`-c ${quoted(call)}`);
  const [first] = args;
  const isKept = (value: string) => value !== '' && value !== 'true';
  if (isKept(config)) return typed(`--config ${quoted(config)}`);
  if (isKept(level)) return typed(`--log-level ${quoted(level)}`);
  if (first === undefined || first.startsWith('-')) return null;
  if (config === 'true') return typed(`--config ${quoted(first)}`);
  if (level === 'true') return typed(`--log-level ${quoted(first)}`);
  return `\`npm start ${quoted(first)}\`: a configuration is named with \`-c\`: \`npm start -- -c ${quoted(first)}\`.`;
}

/** Quotes a word for a shell if necessary. */
function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Says that npm kept an option, and how it is typed so that it reaches us. */
const typed = (what: string) =>
  `npm took \`${what}\` for itself. Behind \`npm start\` our options need a \`--\` before them: \`npm start -- ${what}\`, or \`npx lookout run ${what}\`.`;

/**
 * Returns a message if options were typed behind `npm start` so that npm kept them; null if none were. npm takes options before a `--`
 * for its own, keeps them, and says what it took in `npm_config_…` (https://docs.npmjs.com/cli/commands/npm-start,
 * seen with 9.9.4, 10.8.2 and 11.21.2): `-c x` is its `--call x`; of an option that it does not know, `--config=x` is kept whole, and of
 * `--config x` the x comes to us as an argument.
 *
 * @param args the arguments behind `run` that reached us
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

/** As a shell takes it for one word. */
function quoted(word: string): string {
  return /^[\w./@:+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

import { spawn } from 'node:child_process';

/** A program on its own terminal. */
export interface Terminal {
  /** The whole output on the screen, including control sequences. */
  readonly screen: string;
  /** Resolves when `text` has appeared on the screen; fails after half a minute, or when the program ends first. */
  untilShown(text: string): Promise<void>;
  /** Types text, as a person does. */
  type(text: string): void;
  /** Resolves to the program's exit code when it has ended. */
  readonly ended: Promise<number | null>;
  /** Sends Ctrl-C; returns the program's exit code. */
  interrupt(): Promise<number | null>;
  /** Ends everything that is left. */
  kill(): Promise<void>;
}

const patienceMs = 30_000;

/** https://man7.org/linux/man-pages/man1/script.1.html */
const recorder = 'script';

/**
 * Runs a shell command on a pseudo-terminal, with `script` of util-linux, because programs often show to people what
 * they do not print elsewhere.
 */
export function startTerminal(
  command: string,
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly columns: number },
): Terminal {
  const sized = `stty cols ${options.columns} rows 60; exec ${command}`;
  const child = spawn(recorder, ['--quiet', '--flush', '--return', '--command', sized, '/dev/null'], {
    cwd: options.cwd,
    env: { ...options.env, TERM: 'xterm-256color' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (const look of watchers) look();
  });
  child.stdin.on('error', () => {});
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      screen += `${recorder} did not start: ${error.message}`;
      resolve(null);
    });
    child.once('close', resolve);
  });

  return {
    get screen() {
      return screen;
    },
    async untilShown(text) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => screen.includes(text) && resolve();
      const fail = (why: string) => reject(new Error(`${why} before it showed ${text}:\n${screen}`));
      const timer = setTimeout(() => fail('half a minute went by'), patienceMs);
      void exited.then((code) => fail(`${command} ended (${code})`));
      watchers.add(look);
      look();
      await promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(look);
      });
    },
    type(text) {
      child.stdin.write(text);
    },
    ended: exited,
    interrupt() {
      child.stdin.write('\u0003');
      return exited;
    },
    async kill() {
      // Its program receives the hang-up of the terminal.
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}

import { spawn } from 'node:child_process';
import { PATIENCE_MS } from '../../support/patience.ts';

/** A person's shell with job control, on its own terminal. */
export interface JobShell {
  /** Types a line, Enter included. */
  type(line: string): void;
  /** Presses Ctrl and a letter. */
  control(letter: 'C' | 'Z'): void;
  /** Resolves when `text` appears on the screen after the last awaited text; fails after half a minute. */
  untilShown(text: string): Promise<void>;
  /** Closes the window. */
  close(): Promise<void>;
  /** The whole output on the screen. */
  readonly screen: string;
}

/** Starts bash on a pseudo-terminal of `script` (util-linux, https://man7.org/linux/man-pages/man1/script.1.html). */
export function startJobShell(options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv }): JobShell {
  const shell = 'stty cols 160 rows 60; exec bash --noprofile --norc -i';
  const child = spawn('script', ['--quiet', '--flush', '--command', shell, '/dev/null'], {
    cwd: options.cwd,
    env: { ...options.env, TERM: 'dumb', NO_COLOR: '1' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let screen = '';
  let seen = 0;
  const watchers = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    for (const look of watchers) look();
  });
  child.stdin.on('error', () => {});
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));

  return {
    get screen() {
      return screen;
    },
    type: (line) => void child.stdin.write(`${line}\n`),
    control: (letter) => void child.stdin.write(String.fromCharCode(letter.charCodeAt(0) - 64)),
    async untilShown(text) {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const look = () => {
        const at = screen.indexOf(text, seen);
        if (at < 0) return;
        seen = at + text.length;
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`the terminal never showed ${text}:\n${screen}`)), PATIENCE_MS);
      watchers.add(look);
      look();
      await promise.finally(() => {
        clearTimeout(timer);
        watchers.delete(look);
      });
    },
    async close() {
      // The other end of the terminal is gone with its process.
      child.kill('SIGKILL');
      await exited;
    },
  };
}

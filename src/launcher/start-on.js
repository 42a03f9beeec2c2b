import { spawn } from 'node:child_process';
import { isatty } from 'node:tty';

/** The signals that are passed on to the child process. */
const passedOn = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2']);

/**
 * Runs a program on another Node, in place of this process if Node can do that (`process.execve`: from 22.15 and 23.11
 * on, https://nodejs.org/api/process.html#processexecvefile-args-env). Otherwise in a child process, which has our
 * standard streams, receives our signals, ends when we end, and whose end is ours.
 *
 * @param {string} node the file of the other Node
 * @param {readonly string[]} args Node's own options, the program and its arguments
 * @param {(end: () => void) => void} whenToEnd receives a function that asks the child process to end
 */
export function startOn(node, args, whenToEnd = () => {}) {
  const { execve } = /** @type {{ execve?: (file: string, args: string[], env: NodeJS.ProcessEnv) => void }} */ (
    process
  );
  if (execve !== undefined) return execve.call(process, node, [node, ...args], process.env);

  const terminals = [0, 1, 2].filter((stream) => isatty(stream));
  // The channel tells the child that we are gone, even if we were killed: see `endWithLauncher`.
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  for (const signal of passedOn) process.on(signal, () => child.kill(signal));
  whenToEnd(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write(`lookout: could not start ${node}: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    // The program loader ends so, after it has named the library.
    if (code === 127)
      process.stderr.write(
        `lookout: ${node} could not start. On a minimal Linux it lacks libatomic: ` +
          'install `libatomic1` (apt-get) or `libatomic` (dnf), and start again.\n',
      );
    // Node 18 to 22 abort at their own exit if a terminal was closed before: https://github.com/nodejs/node/pull/58200.
    const isClosed = terminals.some((stream) => !isatty(stream));
    if (signal === null && !isClosed) process.exit(code ?? 1);
    // End by the same signal: without listeners it has its usual effect.
    for (const passed of passedOn) process.removeAllListeners(passed);
    process.kill(process.pid, signal === null || isClosed ? 'SIGHUP' : signal);
  });
}

/** Ends this process as SIGTERM does when the launcher that started it is gone; does nothing without a launcher. */
export function endWithLauncher() {
  if (!process.connected) return;
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The channel alone does not keep the process running.
  /** @type {{ channel?: { unref(): void } }} */ (process).channel?.unref();
}

import { readFileSync } from 'node:fs';

const CHECK_EVERY_MS = 1_000;
/** Shells that npm may have started between itself and us, by their names in the kernel. */
const shells = new Set(['sh', 'dash', 'bash', 'ash', 'busybox', 'zsh', 'ksh']);

/**
 * Writes a message and calls back once when the npm that started us has ended. npm passes SIGINT and SIGTERM only to
 * its shell, which dies of it, and cannot pass on SIGKILL; its child would then continue unseen and hold the database.
 *
 * After the first SIGHUP this check stops: the terminal is closed, npm ends because of that (Node undoes the `nohup`
 * before it), and each process decides by itself.
 *
 * @param {Readonly<Record<string, string | undefined>>} environment
 * @param {() => void} onEnd
 */
export function whenNpmEnds(environment, onEnd) {
  if (environment.npm_execpath === undefined) return;
  const before = ancestors();
  const timer = setInterval(() => {
    if (ancestors().join() === before.join()) return;
    stop();
    process.stderr.write('npm, which started this process, has ended: stopping, too\n');
    onEnd();
  }, CHECK_EVERY_MS).unref();
  const stop = () => clearInterval(timer);
  process.on('SIGHUP', stop);
}

/** Returns our parent, and behind a shell the parent of that. Only Linux reports the latter without another process. */
function ancestors() {
  const { ppid } = process;
  const parent = readStat(ppid);
  return parent !== null && shells.has(parent.name) ? [ppid, parent.ppid] : [ppid];
}

/**
 * Reads /proc/<pid>/stat: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
 *
 * @param {number} pid
 */
function readStat(pid) {
  try {
    const [, name = '', rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { name, ppid: Number(rest.split(' ')[1]) };
  } catch {
    return null;
  }
}

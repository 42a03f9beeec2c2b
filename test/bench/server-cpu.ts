import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of `/proc` in a second, on every Linux that Node runs on. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const TICKS_PER_SECOND = 100;

/**
 * Returns the CPU time that a PostgreSQL server has used since its start, s: of its first process, of its children, and of those
 * that have ended. Throws on a system without `/proc`.
 */
export function serverCpuSeconds(pid: number): number {
  if (process.platform !== 'linux')
    throw new Error('the CPU time of a PostgreSQL server is read from /proc, which only Linux has');
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat === null) continue;
    const [parent, times] = stat;
    if (Number(name) === pid) ticks += sum(times);
    else if (parent === pid) ticks += sum(times.slice(0, 2));
  }
  return ticks / TICKS_PER_SECOND;
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);

/** Returns the parent of a process and its times: its own in user and system mode, and those of its children that have ended. */
function statOf(pid: string): readonly [parent: number, times: readonly number[]] | null {
  try {
    // The name, in parentheses, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return [Number(fields[1]), fields.slice(11, 15).map(Number)];
  } catch {
    return null; // It has ended meanwhile.
  }
}

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * Returns true if another job has the terminal (`npm start &`, or `bg` after Ctrl-Z). Reading the terminal would then
 * stop the whole job by SIGTTIN, npm included:
 * https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap11.html#tag_11_01_04
 */
export async function isInBackground(): Promise<boolean> {
  const { group, foreground } = (await fromProc()) ?? (await fromPs());
  // 0 or -1 without a controlling terminal.
  return foreground > 0 && foreground !== group;
}

interface Groups {
  /** Our process group. */
  readonly group: number;
  /** The process group in the foreground of our terminal. */
  readonly foreground: number;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: pgrp is the third field after the name, tpgid the sixth. */
async function fromProc(): Promise<Groups | null> {
  const text = await readFile('/proc/self/stat', 'utf8').catch(() => null);
  if (text === null) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { group: Number(fields[2]), foreground: Number(fields[5]) };
}

/**
 * macOS has no /proc; `ps` knows both: https://man.freebsd.org/cgi/man.cgi?query=ps. If it fails, the foreground is
 * assumed.
 */
async function fromPs(): Promise<Groups> {
  const args = ['-o', 'pgid=', '-o', 'tpgid=', '-p', String(process.pid)];
  const { stdout } = await promisify(execFile)('ps', args).catch(() => ({ stdout: '' }));
  const [group = 0, foreground = 0] = stdout.trim().split(/\s+/).map(Number);
  return { group, foreground };
}

import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** The present run of the machine: it tells how much time passed between two processes, however the wall clock was set. */
export interface Boot {
  /** Another one after each start of the machine. */
  readonly id: string;
  /** Time since the machine was started, with its sleep, ms. */
  readonly sinceMs: number;
}

/**
 * Returns the present run of this machine; null if the system does not tell it apart from others, as macOS.
 * https://docs.kernel.org/admin-guide/sysctl/kernel.html#random
 */
export function readBoot(): Boot | null {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { id, sinceMs: Math.round(uptime() * 1_000) };
  } catch {
    return null;
  }
}

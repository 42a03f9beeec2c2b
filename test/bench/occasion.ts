import { spawnSync } from 'node:child_process';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Occasion } from './measurements.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Files made by the bench itself. */
const made = [':!docs/measurements.json', ':!docs/measurements.md'];

/** Returns a warning if other programs keep the machine busy; otherwise null. */
export function busyWarning({ load }: Occasion): string | null {
  const processors = cpus().length;
  if (load <= processors) return null;
  return `The machine is busy (load ${load}, ${processors} processors): times and rates are worse than they would be alone, and rows may reach their limits.`;
}

/** Returns the present occasion. */
export function occasion(now: Date): Occasion {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const head = git('rev-parse', 'HEAD');
  const isChanged = git('status', '--porcelain', '--', '.', ...made).stdout !== '';
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return {
    commit: head.status === 0 ? head.stdout.trim() + (isChanged ? '+' : '') : null,
    date: now.toISOString(),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    machine: `Node ${process.versions.node}, ${processors.length} × ${processors[0]?.model.trim() ?? '?'}, ${memory}, ${platform()} ${arch()}`,
  };
}

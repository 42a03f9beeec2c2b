import { spawnSync } from 'node:child_process';
import { arch, cpus, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Occasion } from './measurements.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Made by the bench itself. */
const made = [':!docs/measurements.json', ':!README.md'];

/** Here and now. */
export function occasion(now: Date): Occasion {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  const head = git('rev-parse', 'HEAD');
  const isChanged = git('status', '--porcelain', '--', '.', ...made).stdout !== '';
  const processors = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  return {
    commit: head.status === 0 ? head.stdout.trim() + (isChanged ? '+' : '') : null,
    date: now.toISOString(),
    machine: `Node ${process.versions.node}, ${processors.length} × ${processors[0]?.model.trim() ?? '?'}, ${memory}, ${platform()} ${arch()}`,
  };
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild } from '../support/child.ts';
import type { Values } from './row.ts';

/** A line of output of a row's process. */
export type RowSays = { readonly progress: string } | { readonly values: Values };

/** The end of a row. */
export type RowResult =
  | { readonly outcome: 'measured'; readonly seconds: number; readonly values: Values }
  | { readonly outcome: 'failed'; readonly seconds: number; readonly reason: string };

export interface RowProcessOptions {
  /** The program and its arguments: `run-row.ts`, a row and a mode. */
  readonly command: readonly string[];
  readonly limitSeconds: number;
  /** Aborted when the whole run is to end. */
  readonly signal: AbortSignal;
}

/**
 * Runs one row in a separate process, so that its memory does not affect the next one. At its limit the row has failed;
 * everything that it started ends with it, and its files are removed.
 */
export async function runRow({ command, limitSeconds, signal }: RowProcessOptions): Promise<RowResult> {
  const started = performance.now();
  const directory = await mkdtemp(join(tmpdir(), 'lookout-bench-row-'));
  const row = startChild(process.execPath, command, { ownGroup: true, env: { ...process.env, TMPDIR: directory } });
  const { promise: cut, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve(`did not end within ${limitSeconds} s`), limitSeconds * 1_000);
  const stop = () => resolve('was stopped');
  signal.addEventListener('abort', stop);
  try {
    const ended = row.exited.then(({ code, signal: by }) => (code === 0 ? null : `ended with ${code ?? by}`));
    const trouble = signal.aborted ? 'was stopped' : await Promise.race([ended, cut]);
    const seconds = (performance.now() - started) / 1_000;
    const { values, progress, said } = understood(row.lines);
    if (trouble === null && values !== null) return { outcome: 'measured', seconds, values };
    const last = progress === null ? '' : `; it was at: ${progress}`;
    const error = said.length === 0 ? '' : `\n${said.slice(-12).join('\n')}`;
    return { outcome: 'failed', seconds, reason: `${trouble ?? 'said nothing'}${last}${error}` };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    // The row and everything that it left behind.
    await row.end('SIGKILL');
    // A dying process may still write.
    await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Parses the output; `said`: lines that are not the row's own, such as a stack trace. */
function understood(lines: readonly string[]): {
  readonly values: Values | null;
  readonly progress: string | null;
  readonly said: readonly string[];
} {
  let values: Values | null = null;
  let progress: string | null = null;
  const said: string[] = [];
  for (const line of lines) {
    const says = parse(line);
    if (says === null) said.push(line);
    else if ('values' in says) values = says.values;
    else progress = says.progress;
  }
  return { values, progress, said };
}

function parse(line: string): RowSays | null {
  try {
    const says = JSON.parse(line) as RowSays;
    return typeof says === 'object' && says !== null && ('values' in says || 'progress' in says) ? says : null;
  } catch {
    return null;
  }
}

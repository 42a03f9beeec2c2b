import { Option } from 'commander';
import type { Terminal } from './terminal.ts';

/** The option `--sample`. */
export const sampleOption = () =>
  new Option('--sample <events>', 'a sample event in place of a file, for example posts#create');

/** Where the events of a command are: one of both. */
export interface FileOrSample {
  /** A file, or `-`. */
  readonly file: string | null;
  readonly sample: string | null;
}

/** Returns where the events are; null after printing that none or both are named. */
export function fileOrSample(
  file: string | undefined,
  sample: string | undefined,
  terminal: Terminal,
): FileOrSample | null {
  if ((file === undefined) !== (sample === undefined)) return { file: file ?? null, sample: sample ?? null };
  terminal.err(
    file === undefined
      ? 'name a file of events, - for standard input, or --sample posts#create\n'
      : `name a file or a sample, not both: ${file}, --sample ${sample}\n`,
  );
  return null;
}

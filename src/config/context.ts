import { resolve } from 'node:path';
import type { Secret } from '../secrets/secret.ts';
import type { Extensions } from './extensions.ts';
import type { PlatformRules } from './platform.ts';
import type { Report } from './report.ts';
import { withoutVariables } from './substitute.ts';
import type { Text } from './tree.ts';

/** The parts that every reader of the configuration needs. */
export interface Context {
  readonly report: Report;
  /** Every platform that a room may be on. */
  readonly platforms: readonly PlatformRules[];
  /** Every kind that a source may be. */
  readonly inputs: Extensions['inputs'];
  /** The folder of the configuration file, where relative paths start. */
  readonly directory: string;
  /** True if users other than its owner can read the configuration file. */
  readonly isReadableByOthers: boolean;
  /** True if the store survives the process. */
  readonly isLasting: boolean;
  /** Every secret that was read so far. */
  readonly secrets: Secret[];
}

/** Says what is wrong at a character of a text's value, without showing what variables hold. */
export function textError(context: Context, text: Text, index: number, wrong: string, right: string): void {
  const { report } = context;
  report.error(text.at(index), withoutVariables(wrong, text.variables), withoutVariables(right, text.variables));
}

export function textWarning(context: Context, text: Text, index: number, wrong: string, right: string): void {
  const { report } = context;
  report.warning(text.at(index), withoutVariables(wrong, text.variables), withoutVariables(right, text.variables));
}

/** A path as written, from the folder of the configuration file. */
export function resolvePath(context: Context, path: string): string {
  return resolve(context.directory, path);
}

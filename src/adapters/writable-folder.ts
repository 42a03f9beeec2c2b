import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import { writeErrorText } from '../text/write-error-text.ts';
import { SetupError } from './setup.ts';

/** Throws a `SetupError` if a file cannot be made in its folder, before a person answers questions for it. */
export function checkFolderOf(file: string): void {
  try {
    accessSync(dirname(file), constants.W_OK | constants.X_OK);
  } catch (err) {
    throw new SetupError(writeErrorText(file, err) ?? String(err));
  }
}

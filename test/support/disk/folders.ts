import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folders of this worker's stores. */
const folders: string[] = [];

/** Makes a folder for one store. */
export function folderOfStore(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lookout-disk-'));
  folders.push(folder);
  return folder;
}

/** Removes them all, also those of stores that a test left open. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

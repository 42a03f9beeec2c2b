import { realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { shippedNames, shippedTemplates, type Templates } from '../render/load-templates.ts';
import type { Problem } from './problem.ts';

/** The folder of the operator's own templates, beside the configuration. Lookout itself has none of this name. */
const ownFolder = 'my-templates';

/** The folder in which they were before. In a checkout it is the one of Lookout's own templates. */
const formerFolder = 'templates';

/** The folders beside the configuration in which the operator's own templates may be. */
export const ownFolders: readonly string[] = [ownFolder, formerFolder];

/** Returns the folders of templates for a configuration, written as the command line wrote the file, in the order of their rank. */
export function templateFolders(file: string): readonly string[] {
  const beside = ownFolders.map((folder) => join(folderOf(file), folder));
  return [...beside.filter((folder) => realPath(folder) !== realPath(shippedTemplates)), shippedTemplates];
}

/** Returns a warning for each template of the operator that is not in the folder for them. */
export function misplacedTemplates(file: string, { names, get }: Templates): readonly Problem[] {
  const own = join(folderOf(file), ownFolder);
  return names.flatMap((name) => {
    const found = get(name)?.file ?? '';
    const folder = dirname(found);
    if (folder === own || (folder === shippedTemplates && shippedNames.has(name))) return [];
    const wrong =
      folder === shippedTemplates
        ? "this folder is for Lookout's own templates, and an update may replace it"
        : 'the folder of your own templates has another name now';
    const right = `move it to ${join(own, basename(found))}`;
    return [{ file: found, line: 1, column: 1, severity: 'warning', wrong, right }];
  });
}

/** A template of the operator, in the place of Lookout's own. */
export interface ReplacedTemplate {
  readonly name: string;
  readonly file: string;
}

/** Returns the templates of the operator that have the name of one of Lookout's. */
export function replacedTemplates({ names, get }: Templates): readonly ReplacedTemplate[] {
  return names.flatMap((name) => {
    const file = get(name)?.file ?? shippedTemplates;
    return shippedNames.has(name) && dirname(file) !== shippedTemplates ? [{ name, file }] : [];
  });
}

const folderOf = (file: string) => (relative('', dirname(file)) === '' ? '' : dirname(file));

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}

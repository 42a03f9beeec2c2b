import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTextFile } from '../text/read-text-file.ts';
import { compileTemplate, type Template, type TemplateProblem } from './template.ts';

/** Templates by name. */
export interface Templates {
  get(name: string): Template | undefined;
  /** Sorted. */
  readonly names: readonly string[];
}

/** The folder of the shipped templates, beside `src` and beside `dist`. */
export const shippedTemplates: string = fileURLToPath(new URL('../../templates', import.meta.url));

/** The names of the shipped templates. A file of another name in their folder is the operator's. */
export const shippedNames: ReadonlySet<string> = new Set([
  'abuse_comment',
  'abuse_report',
  'announcement',
  'card',
  'default',
  'deletion_log',
  'domain_link',
  'domain_tag',
  'feedback',
  'flag',
  'flag_condition',
  'flag_log',
  'moderator_site',
  'post',
  'post_comment',
  'ref',
  'review_item',
  'review_result',
  'smoke_detector',
  'source',
  'spam_domain',
  'statistic',
]);

const extension = '.hbs';
/** Limit of a template file, bytes. The longest shipped one has 3 kB, and the time to compile grows with the length. */
const maxTemplateBytes = 64 * 1024;

/**
 * Reads and compiles `<name>.hbs` of each directory. Of two with the same name the one in the earlier directory is
 * used, even if it has problems. A missing directory has no templates; an unreadable one is a problem.
 */
export function loadTemplates(directories: readonly string[]): {
  templates: Templates;
  problems: readonly (TemplateProblem & { file: string })[];
} {
  const byName = new Map<string, Template | null>();
  const problems: (TemplateProblem & { file: string })[] = [];
  const unreadable = (file: string, error: unknown) => {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    problems.push({
      file,
      line: 1,
      column: 1,
      wrong: `it cannot be read (${code})`,
      right: 'a file that Lookout may read',
    });
  };

  for (const directory of directories) {
    for (const file of listTemplates(directory, unreadable)) {
      const name = basename(file, extension);
      if (byName.has(name)) continue;
      byName.set(name, null);
      const read = readTextFile(file, maxTemplateBytes);
      if (read.outcome === 'unreadable') {
        problems.push({ file, line: 1, column: 1, wrong: read.wrong, right: read.right });
        continue;
      }
      const result = compileOnce(name, file, read.text);
      if (result.outcome === 'ok') byName.set(name, result.template);
      else problems.push(...result.problems.map((problem) => ({ ...problem, file })));
    }
  }
  const templates = [...byName].filter((entry): entry is [string, Template] => entry[1] !== null);
  const compiled = new Map(templates);
  return {
    templates: { get: (name) => compiled.get(name), names: Object.freeze([...compiled.keys()].sort()) },
    problems,
  };
}

/** The last result for each shipped file, with its text, because compiling them all takes 30 ms. */
const shippedResults = new Map<
  string,
  { readonly text: string; readonly result: ReturnType<typeof compileTemplate> }
>();

function compileOnce(name: string, file: string, text: string): ReturnType<typeof compileTemplate> {
  const known = shippedResults.get(file);
  if (known?.text === text) return known.result;
  const result = compileTemplate(name, file, text);
  if (dirname(file) === shippedTemplates) shippedResults.set(file, { text, result });
  return result;
}

function listTemplates(directory: string, unreadable: (file: string, error: unknown) => void): readonly string[] {
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(extension) && name !== extension);
    return names.sort().map((name) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') unreadable(directory, error);
    return [];
  }
}

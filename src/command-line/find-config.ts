/** The configuration to use, with a notice to show first, or the message that there is none. */
export type FoundConfig =
  | { readonly outcome: 'found'; readonly file: string; readonly notice: string | null }
  | { readonly outcome: 'missing'; readonly message: string };

export interface Folder {
  /** The working directory. */
  readonly path: string;
  readonly has: (name: string) => boolean;
  /** The example that is shipped with Lookout. */
  readonly shippedExample: string;
}

const own = 'config.yaml';
const example = 'config.example.yaml';

/** Finds the configuration: the one on the command line, else config.yaml, else config.example.yaml, with a notice. */
export function findConfig(named: string | undefined, folder: Folder): FoundConfig {
  if (named !== undefined) return { outcome: 'found', file: named, notice: null };
  if (folder.has(own)) return { outcome: 'found', file: own, notice: null };
  if (folder.has(example)) return { outcome: 'found', file: example, notice: `no ${own} here: using ${example}` };
  return {
    outcome: 'missing',
    message:
      `no configuration found: neither ${own} nor ${example} is in ${folder.path}. ` +
      `Go to its folder, name it with \`-c <file>\`, or make one: \`lookout init\` asks a few questions for it, ` +
      `and ${folder.shippedExample} is one to copy.`,
  };
}

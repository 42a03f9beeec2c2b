import type { SourceKind } from '../catalogue/source-kind.ts';
import type { Remedy } from '../text/remedy.ts';
import type { PlatformRules } from './platform.ts';

/** The chat platforms and the kinds of source that a configuration may name. */
export interface Extensions<P extends PlatformRules = PlatformRules> {
  readonly platforms: readonly P[];
  /** The first is the one that a configuration need not name. */
  readonly inputs: readonly [SourceKind, ...SourceKind[]];
  /** Loads a platform that `adapters:` names, a package or a file, for a configuration in `directory`. Never throws. */
  loadPlatform(name: string, directory: string): FoundPlatform<P>;
}

export type FoundPlatform<P extends PlatformRules> =
  | { readonly outcome: 'found'; readonly platform: P }
  | ({ readonly outcome: 'problem' } & Remedy);

import type { SourceKind } from '../catalogue/source-kind.ts';
import type { PlatformRules } from './platform.ts';

/** The chat platforms and the kinds of source that a configuration may name. */
export interface Extensions {
  readonly platforms: readonly PlatformRules[];
  /** The first is the one that a configuration need not name. */
  readonly inputs: readonly [SourceKind, ...SourceKind[]];
}

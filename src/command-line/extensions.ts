import { loadPlatform } from '../adapters/author/load-platform.ts';
import { platforms } from '../adapters/platforms.ts';
import { inputs } from '../inputs/inputs.ts';

/** The chat platforms and the kinds of source that Lookout knows, and how it gets others. */
export const extensions = { platforms, inputs, loadPlatform } as const;

import { platforms } from '../adapters/platforms.ts';
import { inputs } from '../inputs/inputs.ts';

/** The chat platforms and the kinds of source that Lookout knows. */
export const extensions = { platforms, inputs } as const;

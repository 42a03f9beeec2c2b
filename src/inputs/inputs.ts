import type { Input } from './input.ts';
import { metasmokeInput } from './metasmoke.ts';

/** Every kind of source that Lookout knows. The first is the one that a configuration need not name. */
export const inputs: readonly [Input, ...Input[]] = [metasmokeInput];

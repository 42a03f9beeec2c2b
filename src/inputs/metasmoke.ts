import { metasmoke } from '../metasmoke/metasmoke.ts';
import type { Input } from './input.ts';

/** metasmoke, over Action Cable; its parts are loaded once they are needed. */
export const metasmokeInput: Input = {
  ...metasmoke,
  async connect(options) {
    const { createCableSource } = await import('./source/cable-source.ts');
    return createCableSource(options);
  },
  async startDemo(options) {
    const { startDemo } = await import('../hub/demo.ts');
    return startDemo(options);
  },
  async samples(now) {
    const { sampleEvents } = await import('../hub/samples/story.ts');
    return sampleEvents(now);
  },
};

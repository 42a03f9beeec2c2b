import { directNetwork } from '../../http/network.ts';
import { silentLog } from '../../log.ts';
import { systemClock } from '../../time/clock.ts';
import type { AdapterParts } from '../platform.ts';
import { createMemoryEncryption } from './memory-encryption.ts';

/** The parts of an adapter under test: the machine's clock, no proxy, no terminal, nothing stored, no log. */
export const partsForTests: AdapterParts = {
  ...{ clock: systemClock, log: silentLog, network: directNetwork, namesChangers: false, count() {} },
  terminal: { write: async () => {}, color: false, columns: null, input: null },
  credentials: { load: async () => null, save: async () => {} },
  encryption: createMemoryEncryption(),
  end() {},
  position: { load: async () => null, save: async () => {} },
};

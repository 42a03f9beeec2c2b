import type { KeptDatabase } from '../../store/encryption-state.ts';
import type { EncryptionStore } from '../platform.ts';

/** Keeps the state of encryption as the store does, in memory. */
export interface MemoryEncryption extends EncryptionStore {
  /** The databases of a device as its next start finds them, by their names. */
  keptOf(device: string): Map<string, KeptDatabase>;
}

export function createMemoryEncryption(): MemoryEncryption {
  /** By device. */
  const all = new Map<string, Map<string, KeptDatabase>>();
  const keptOf = (device: string) => {
    const kept = all.get(device) ?? new Map<string, KeptDatabase>();
    all.set(device, kept);
    return kept;
  };
  const rooms = new Map<string, string>();
  const read = new Map<string, string>();
  const sealed = new Set<string>();
  let seeds: string | null = null;
  return {
    keptOf,
    load: async ({ device }) => [...keptOf(device).values()],
    async replace({ device }, databases) {
      for (const database of databases) keptOf(device).set(database.name, database);
    },
    async write(changes, { sealed: index } = {}) {
      const { device, emptied, records } = changes();
      const kept = keptOf(device.device);
      for (const [name, database] of kept) {
        const places = new Map(database.records.map((record) => [`${record.store} ${record.key}`, record]));
        for (const each of emptied.filter(({ database: of }) => of === name))
          for (const [place, record] of places) if (record.store === each.store) places.delete(place);
        for (const { store, key, value } of records.filter(({ database: of }) => of === name)) {
          if (value === null) places.delete(`${store} ${key}`);
          else places.set(`${store} ${key}`, { store, key, value });
        }
        kept.set(name, { ...database, records: [...places.values()] });
      }
      if (index !== undefined) {
        const place = `${index.session} ${index.index}`;
        if (sealed.has(place)) throw new Error(`index ${place} was used before`);
        sealed.add(place);
      }
    },
    loadIdentity: async () => seeds,
    async saveIdentity(_, saved) {
      seeds = saved;
    },
    async forgetOtherDevices({ device }) {
      for (const other of all.keys()) if (other !== device) all.delete(other);
    },
    rooms: async () => rooms,
    async saveRoom(_, room, content) {
      rooms.set(room, content);
    },
    async noteRead({ session, index }, event) {
      const place = `${session} ${index}`;
      if (!read.has(place)) read.set(place, event);
      return read.get(place) === event;
    },
  };
}

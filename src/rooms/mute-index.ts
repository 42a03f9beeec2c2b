import type { CompiledMute } from './compiled-mute.ts';

/** Active mutes in memory, by room and by id. */
export interface MuteIndex {
  /** Returns those of a room, oldest first. */
  ofRoom(roomId: number): readonly CompiledMute[];
  get(id: number): CompiledMute | undefined;
  /** Returns those of all rooms; those of one room oldest first. */
  all(): Iterable<CompiledMute>;
  /** Puts `mutes` in place of those of these rooms; null: of all rooms. Those of one room are oldest first. */
  replace(roomIds: readonly number[] | null, mutes: readonly CompiledMute[]): void;
}

export function createMuteIndex(): MuteIndex {
  const byRoom = new Map<number, readonly CompiledMute[]>();
  const byId = new Map<number, CompiledMute>();

  function forget(roomId: number): void {
    // A mute may belong to another room now: that one has read it again.
    for (const mute of byRoom.get(roomId) ?? []) if (byId.get(mute.id) === mute) byId.delete(mute.id);
    byRoom.delete(roomId);
  }

  return {
    ofRoom: (roomId) => byRoom.get(roomId) ?? [],
    get: (id) => byId.get(id),
    all: () => byId.values(),
    replace(roomIds, mutes) {
      for (const roomId of roomIds ?? [...byRoom.keys()]) forget(roomId);
      for (const [roomId, some] of Map.groupBy(mutes, (mute) => mute.roomId)) byRoom.set(roomId, some);
      for (const mute of mutes) byId.set(mute.id, mute);
    },
  };
}

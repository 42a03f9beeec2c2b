import type { Sealing } from '../../adapters/adapter.ts';
import { type EncryptionChanges, noteSealed, writeEncryption } from '../../store/encryption-state.ts';
import { statement } from '../../store/statement.ts';
import type { Trx } from '../../store/tables.ts';

const setSealed = statement((db, { id, sealed }: { readonly id: number; readonly sealed: string }) =>
  db.updateTable('sends').set({ sealed }).where('id', '=', id),
);

interface SealedSend {
  readonly id: number;
  readonly sealing: Sealing;
  /** The state of the encryption that belongs to it; null: it is left out, and with it the proof that no index is used twice. */
  readonly state: EncryptionChanges | null;
}

/** Stores the encrypted payload of a send. Throws if another message of ours was encrypted with the same index. */
export async function storeSealed(trx: Trx, { id, sealing, state }: SealedSend, now: number): Promise<void> {
  await setSealed.run(trx, { id, sealed: sealing.payload });
  if (state === null) return;
  await noteSealed(trx, sealing.index, now);
  await writeEncryption(trx, state, now);
}

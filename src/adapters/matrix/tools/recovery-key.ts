import { existsSync } from 'node:fs';
import { writePrivateFile } from '../../../secrets/write-private-file.ts';
import { textOf } from '../../../text/json.ts';
import { SetupError } from '../../setup.ts';
import type { ToolParts, ToolResult } from '../../tool.ts';
import { checkFolderOf } from '../../writable-folder.ts';
import { newRecoveryKey } from '../encryption/create-recovery-key.ts';
import { hasSecretStorage, writeSecrets } from '../encryption/secret-storage.ts';
import { openSeeds } from '../encryption/seeds.ts';
import type { MatrixSettings } from '../settings.ts';
import { settingsStoreKey } from '../store-key.ts';
import { failureText, withAccount } from './account.ts';

/** `lookout matrix recovery-key`: keeps the account's identity, which is in the store, also at the homeserver, encrypted with a new key. */
export async function makeRecoveryKey(settings: MatrixSettings, parts: ToolParts): Promise<ToolResult> {
  const file = textOf(parts.given.file);
  if (file === null) throw new SetupError('say with --file which new file the recovery key goes into');
  if (existsSync(file)) throw new SetupError(`${file} is there already: name a new file`);
  checkFolderOf(file);
  return withAccount(settings, parts, async ({ id, client }) => {
    const options = { client, account: id, signal: parts.signal };
    const storage = await hasSecretStorage(options);
    if (typeof storage !== 'boolean') throw new SetupError(failureText(storage, settings.homeserver));
    if (storage && parts.given.replace !== true)
      throw new SetupError(`${id} has a recovery key already: use that one, or make another with --replace`);
    const stored = await parts.encryption.loadIdentity(id);
    const [seeds] = (stored === null ? null : openSeeds(stored, id, settingsStoreKey(settings.storeKey))) ?? [];
    if (seeds === undefined)
      throw new SetupError(
        `the store has no keys of ${id} that sign its devices: Lookout makes them when it meets the first encrypted room`,
      );
    const { bytes, text } = await newRecoveryKey();
    writePrivateFile(file, `${text}\n`, 'refuse');
    const failure = await writeSecrets(seeds, bytes, options);
    if (failure !== null)
      throw new SetupError(`${failureText(failure, settings.homeserver)}: the key in ${file} is of no use`);
    return {
      isGood: true,
      lines: [
        ['', `The recovery key of ${id} is in ${file}, which you alone can read. Keep a copy elsewhere.`],
        ['', `On another machine: chats: { matrix: { recovery_key_file: … } }`],
      ],
      json: { account: id, file },
    };
  });
}

import { textOf } from '../../../text/json.ts';
import { readTextFile } from '../../../text/read-text-file.ts';
import { SetupError } from '../../setup.ts';
import type { ToolParts, ToolResult } from '../../tool.ts';
import { makeIdentity, publishIdentity } from '../encryption/identity.ts';
import { KeptStateError, Machine } from '../encryption/machine.ts';
import { writeSecrets } from '../encryption/secret-storage.ts';
import { openSeeds, sealSeeds } from '../encryption/seeds.ts';
import { readRecoveryKey } from '../recovery-key.ts';
import type { MatrixSettings } from '../settings.ts';
import { settingsStoreKey } from '../store-key.ts';
import { failureText, publishedKeys, refusalText, type ToolAccount, withAccount } from './account.ts';

const MOST_PASSWORD_BYTES = 4_096;

const WHAT_HAPPENS =
  'It gets a new identity, with which its devices are signed. Who verified the old one sees that it changed, and has to verify it again; everybody else sees no difference. What was sent stays readable.';

/** `lookout matrix reset`: gives the account a new identity, and clears a state that cannot be opened or does not fit. */
export async function reset(settings: MatrixSettings, parts: ToolParts): Promise<ToolResult> {
  return withAccount(settings, parts, async (account) => {
    const { id } = account;
    const { given, say } = parts;
    if (given.password !== true && given.passwordFile === undefined)
      throw new SetupError(`${id} would be reset. ${WHAT_HAPPENS} To do it: lookout matrix reset --password`);
    say(`${id} is reset. ${WHAT_HAPPENS}`);
    await replaceIdentity(account, settings, parts);
    const recovery = await keepBehindRecoveryKey(account, settings, parts);
    const isCleared = await clearUnfit(account, settings, parts);
    const next = isCleared
      ? 'The encryption keys of its device were not in this store, or could not be opened: log the bot in anew (lookout login matrix), then start Lookout.'
      : 'Start Lookout: it signs its device with the new identity.';
    return {
      isGood: true,
      lines: [
        ['', `${id} has a new identity.`],
        ['', recovery],
        ['', next],
      ],
      json: { account: id, needsLogin: isCleared },
    };
  });
}

async function replaceIdentity({ id, client }: ToolAccount, settings: MatrixSettings, parts: ToolParts): Promise<void> {
  const { encryption, signal } = parts;
  const key = settingsStoreKey(settings.storeKey);
  const stored = await encryption.loadIdentity(id);
  const before = (stored === null ? null : openSeeds(stored, id, key)) ?? [];
  const { seeds, upload } = await makeIdentity(id);
  // Before its public keys are known: else a crash would lose it. Until then the old one is the account's.
  await encryption.saveIdentity(id, sealSeeds([seeds, ...before.slice(0, 1)], id, key));
  const publish = (password: string | null) => publishIdentity(upload, { client, account: id, password, signal });
  const first = await publish(passwordFromFile(parts));
  const needsIt = first?.kind === 'unusable' && first.needs === 'password';
  const refused = needsIt ? await publish(await askPassword(parts)) : first;
  if (refused !== null) throw new SetupError(`nothing was changed: ${refusalText(refused, settings.homeserver)}`);
  await encryption.saveIdentity(id, sealSeeds([seeds], id, key));
}

const askPassword = ({ questions }: ToolParts) =>
  questions.askSecret({ text: 'The password of the bot’s account', option: '--password-file' });

function passwordFromFile({ given }: ToolParts): string | null {
  const file = textOf(given.passwordFile);
  if (file === null) return null;
  const read = readTextFile(file, MOST_PASSWORD_BYTES);
  if (read.outcome === 'unreadable') throw new SetupError(`${file}: ${read.wrong}: ${read.right}`);
  return read.text.replace(/\r?\n$/, '');
}

/** Deletes what is kept of the account's devices if it cannot be opened, or is not what the homeserver knows. Returns true if it was. */
async function clearUnfit(account: ToolAccount, settings: MatrixSettings, parts: ToolParts): Promise<boolean> {
  const { encryption, clock, signal } = parts;
  const device = { account: account.id, device: account.device ?? '' };
  const { fingerprint } = await publishedKeys(account, settings, signal);
  const isKept = (await encryption.load(device)).length > 0;
  const clear = async () => {
    await encryption.forgetOtherDevices({ ...device, device: '' });
    return fingerprint !== null;
  };
  if (!isKept) return fingerprint !== null;
  try {
    const end = (reason: string) => {
      throw new Error(reason);
    };
    const key = settingsStoreKey(settings.storeKey);
    const machine = await Machine.open({ device, store: encryption, key, clock, end });
    const own = await machine.call('identity keys', async (olm) => olm.identityKeys.ed25519.toBase64());
    await machine.close();
    return fingerprint === null || own === fingerprint ? false : clear();
  } catch (error) {
    if (!(error instanceof KeptStateError)) throw error;
    return clear();
  }
}

/** Keeps the new identity behind the recovery key of the configuration, too. Returns what to say. */
async function keepBehindRecoveryKey(
  { id, client }: ToolAccount,
  { recoveryKey, storeKey, homeserver }: MatrixSettings,
  { encryption, signal }: ToolParts,
): Promise<string> {
  if (recoveryKey === null)
    return 'There is no recovery key in the configuration: keep the store, or make a key with `lookout matrix recovery-key`.';
  const key = readRecoveryKey(recoveryKey.reveal());
  if ('wrong' in key)
    return `The recovery key in the configuration ${key.wrong}. Make another with \`lookout matrix recovery-key\`.`;
  const stored = await encryption.loadIdentity(id);
  const [seeds] = (stored === null ? null : openSeeds(stored, id, settingsStoreKey(storeKey))) ?? [];
  if (seeds === undefined) throw new Error('the new identity is not in the store');
  const failure = await writeSecrets(seeds, key.bytes, { client, account: id, signal });
  return failure === null
    ? 'The recovery key in the configuration opens it.'
    : `The recovery key in the configuration does not open it yet (${failureText(failure, homeserver)}): make another with \`lookout matrix recovery-key --replace\`.`;
}

import type { ToolParts, ToolResult } from '../../tool.ts';
import { KeptStateError, Machine } from '../encryption/machine.ts';
import type { PublishedKeys } from '../encryption/published-keys.ts';
import { hasSecretStorage } from '../encryption/secret-storage.ts';
import type { MatrixSettings } from '../settings.ts';
import { settingsStoreKey } from '../store-key.ts';
import { publishedKeys, type ToolAccount, withAccount } from './account.ts';

/** The device's keys in the store. */
type Kept =
  | { readonly kind: 'none' }
  | { readonly kind: 'kept'; readonly fingerprint: string; readonly isPlain: boolean }
  | { readonly kind: 'unusable'; readonly reason: string };

/** `lookout matrix verify`: shows the device, and what others make of it. Changes nothing. */
export async function verify(settings: MatrixSettings, parts: ToolParts): Promise<ToolResult> {
  return withAccount(settings, parts, async (account) => {
    const published = await publishedKeys(account, settings, parts.signal);
    const kept = await keptKeys(account, settings, parts);
    const { id, client } = account;
    const storage = await hasSecretStorage({ client, account: id, signal: parts.signal });
    const rooms = (await parts.encryption.rooms(id)).size;
    const judgement = judge(published, kept, account);
    const { fingerprint, isSigned, hasIdentity } = published;
    const hasRecovery = typeof storage === 'boolean' ? storage : null;
    return {
      isGood: judgement.isGood,
      lines: [
        ['account', id],
        ['device', account.device ?? 'none: the access token is of no device'],
        ['fingerprint', fingerprint === null ? 'none yet' : grouped(fingerprint)],
        ['signed', isSigned ? 'yes' : 'no'],
        ['recovery', recoveryText(hasRecovery, settings, hasIdentity)],
        ['store', `${rooms === 1 ? '1 encrypted room' : `${rooms} encrypted rooms`} seen; ${keyText(settings, kept)}`],
        ['', judgement.text],
      ],
      json: {
        ...{ account: id, device: account.device, fingerprint, isSigned, hasRecovery, encryptedRooms: rooms },
        ...{ isGood: judgement.isGood, meaning: judgement.text },
      },
    };
  });
}

/** `ed25519` keys are compared by people, in groups of four. */
const grouped = (fingerprint: string) => fingerprint.match(/.{1,4}/g)?.join(' ') ?? '';

function keyText({ storeKey }: MatrixSettings, kept: Kept): string {
  if (storeKey === null) return 'its keys are in the store as they are (no store_key)';
  return kept.kind === 'kept' && kept.isPlain
    ? 'its keys are in the store as they are: store_key was added after them, and encrypts those of the next login'
    : 'its keys are encrypted with store_key';
}

function recoveryText(has: boolean | null, { recoveryKey }: MatrixSettings, hasIdentity: boolean): string {
  if (has === null) return 'the homeserver did not say whether the account has a recovery key';
  if (!has)
    return hasIdentity
      ? 'no recovery key: without its store the bot cannot sign a device; `lookout matrix recovery-key` makes one'
      : 'no recovery key yet';
  return recoveryKey === null
    ? 'the account has a recovery key, which is not in the configuration'
    : 'the account has a recovery key, and one is in the configuration';
}

/** Reads the keys in the store; a Lookout that runs is not disturbed. */
async function keptKeys({ id, device }: ToolAccount, settings: MatrixSettings, parts: ToolParts): Promise<Kept> {
  const own = { account: id, device: device ?? '' };
  const { encryption, clock } = parts;
  if ((await encryption.load(own)).length === 0) return { kind: 'none' };
  const unchanged = { write: async (changes: () => unknown) => void changes(), replace: async () => {} };
  try {
    const machine = await Machine.open({
      ...{ device: own, key: settingsStoreKey(settings.storeKey), clock },
      store: { ...encryption, ...unchanged },
      end(reason) {
        throw new Error(reason);
      },
    });
    const fingerprint = await machine.call('identity keys', async (olm) => olm.identityKeys.ed25519.toBase64());
    await machine.close();
    return { kind: 'kept', fingerprint, isPlain: machine.isPlain };
  } catch (error) {
    if (!(error instanceof KeptStateError)) throw error;
    return { kind: 'unusable', reason: error.message };
  }
}

function judge(
  { fingerprint, isSigned, hasIdentity }: PublishedKeys,
  kept: Kept,
  { device }: ToolAccount,
): { readonly isGood: boolean; readonly text: string } {
  const bad = (text: string) => ({ isGood: false, text });
  if (device === null) return bad('Only a device can encrypt: log the bot in (lookout login matrix).');
  if (kept.kind === 'unusable') return bad(`Encrypted rooms get nothing: ${kept.reason}.`);
  if (fingerprint === null)
    return {
      isGood: true,
      text: `Lookout makes the device's keys when it meets the first encrypted room${hasIdentity ? ', and signs them with the account’s own' : ''}.`,
    };
  if (kept.kind === 'none' || kept.fingerprint !== fingerprint)
    return bad(
      'The keys of this device are not in this store: encrypted rooms get nothing. Log the bot in anew (lookout login matrix), for a token of a new device; or bring the old store back.',
    );
  return isSigned
    ? { isGood: true, text: 'Others see what the bot writes, without a warning.' }
    : bad(
        'Others see nothing of what the bot writes, or a red warning: its device is not signed. Lookout signs it when it runs; the log says why it could not.',
      );
}

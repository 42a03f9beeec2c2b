/**
 * The keys of a homeserver's users: real ones, so that a client encrypts for them, but without anybody who could read.
 * https://spec.matrix.org/v1.16/client-server-api/#end-to-end-encryption
 */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

type Json = Record<string, unknown>;
type Signed = Json & { signatures?: Record<string, Record<string, string>> };

interface KeyPair {
  readonly secret: KeyObject;
  /** In unpadded base64. */
  readonly public: string;
}

interface FakeUser {
  readonly master: Signed;
  readonly selfSigning: Signed;
  readonly devices: Readonly<Record<string, Signed>>;
  readonly signers: ReadonlyMap<string, KeyPair>;
}

const devicesOfUser = 2;

const users = new Map<string, FakeUser>();
/** What accounts uploaded themselves. */
interface Own {
  device?: Signed;
  master?: Signed;
  selfSigning?: Signed;
  userSigning?: Signed;
}
const owners = new Map<string, Own>();

/** Returns the members of a room: as many users as have so many devices together. */
export function membersWith(devices: number): readonly string[] {
  const ids = Array.from({ length: devices / devicesOfUser }, (_, index) => `@user${index + 1}:localhost`);
  for (const id of ids) if (!users.has(id)) users.set(id, newUser(id));
  return ids;
}

/** Answers the request of an account with this path after `/keys/`; null: there is no such request. */
export function answerKeys(account: string, path: string, body: Json): Json | null {
  const own = owners.get(account) ?? {};
  owners.set(account, own);
  switch (path) {
    case 'upload':
      if (body.device_keys !== undefined) own.device = body.device_keys as Signed;
      return { one_time_key_counts: { signed_curve25519: 50 } };
    case 'device_signing/upload':
      own.master = body.master_key as Signed;
      own.selfSigning = body.self_signing_key as Signed;
      own.userSigning = body.user_signing_key as Signed;
      return {};
    case 'signatures/upload':
      for (const signed of Object.values((body as Record<string, Record<string, Signed>>)[account] ?? {}))
        for (const target of [own.device, own.master])
          if (target !== undefined && isSame(target, signed)) addSignatures(target, account, signed);
      return { failures: {} };
    case 'query':
      return query(account, own, Object.keys(body.device_keys as Json));
    case 'claim':
      return { one_time_keys: claim(body.one_time_keys as Record<string, Json>), failures: {} };
    default:
      return null;
  }
}

function isSame(target: Signed, signed: Signed): boolean {
  const names = ({ keys }: Signed) => Object.keys(keys as Json).sort();
  return JSON.stringify(names(target)) === JSON.stringify(names(signed));
}

function addSignatures(target: Signed, account: string, { signatures = {} }: Signed): void {
  target.signatures = { [account]: { ...target.signatures?.[account], ...signatures[account] } };
}

function query(account: string, own: Own, ids: readonly string[]): Json {
  const found = ids.flatMap((id) => {
    const user = users.get(id);
    return user === undefined ? [] : [[id, user] as const];
  });
  const ofOwn = (value: Json | undefined) => (ids.includes(account) && value !== undefined ? { [account]: value } : {});
  return {
    device_keys: {
      ...Object.fromEntries(found.map(([id, { devices }]) => [id, devices])),
      ...ofOwn(own.device && { [String(own.device.device_id)]: own.device }),
    },
    master_keys: { ...Object.fromEntries(found.map(([id, { master }]) => [id, master])), ...ofOwn(own.master) },
    self_signing_keys: {
      ...Object.fromEntries(found.map(([id, { selfSigning }]) => [id, selfSigning])),
      ...ofOwn(own.selfSigning),
    },
    user_signing_keys: ofOwn(own.userSigning),
    failures: {},
  };
}

/** A new one-time key for each device. */
function claim(wanted: Readonly<Record<string, Json>>): Json {
  const keysOf = (id: string, devices: Json) =>
    Object.fromEntries(
      Object.keys(devices).flatMap((device) => {
        const signer = users.get(id)?.signers.get(device);
        if (signer === undefined) return [];
        const key: Signed = { key: keyPair('x25519').public };
        signBy(key, id, device, signer);
        return [[device, { 'signed_curve25519:AAAAAQ': key }]];
      }),
    );
  return Object.fromEntries(Object.entries(wanted).map(([id, devices]) => [id, keysOf(id, devices)]));
}

function newUser(id: string): FakeUser {
  const master = keyPair('ed25519');
  const selfSigning = keyPair('ed25519');
  const signers = new Map<string, KeyPair>();
  const devices: Record<string, Signed> = {};
  for (let index = 1; index <= devicesOfUser; index++) {
    const name = `DEVICE${index}`;
    const signer = keyPair('ed25519');
    const device: Signed = {
      ...{ user_id: id, device_id: name },
      algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
      keys: { [`curve25519:${name}`]: keyPair('x25519').public, [`ed25519:${name}`]: signer.public },
    };
    signBy(device, id, name, signer);
    signBy(device, id, selfSigning.public, selfSigning);
    signers.set(name, signer);
    devices[name] = device;
  }
  const signing: Signed = crossSigningKey(id, 'self_signing', selfSigning);
  signBy(signing, id, master.public, master);
  return { master: crossSigningKey(id, 'master', master), selfSigning: signing, devices, signers };
}

function crossSigningKey(id: string, usage: string, key: KeyPair): Signed {
  return { user_id: id, usage: [usage], keys: { [`ed25519:${key.public}`]: key.public } };
}

function keyPair(type: 'ed25519' | 'x25519'): KeyPair {
  const { publicKey, privateKey } = type === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  const { x = '' } = publicKey.export({ format: 'jwk' });
  return { secret: privateKey, public: Buffer.from(x, 'base64url').toString('base64').replaceAll('=', '') };
}

/** https://spec.matrix.org/v1.16/appendices/#signing-json */
function signBy(object: Signed, user: string, name: string, { secret }: KeyPair): void {
  const { signatures = {}, ...rest } = object;
  const signature = sign(null, Buffer.from(canonical(rest)), secret)
    .toString('base64')
    .replaceAll('=', '');
  object.signatures = { [user]: { ...signatures[user], [`ed25519:${name}`]: signature } };
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

import { excerpt } from '../text/excerpt.ts';
import { nearest } from '../text/nearest.ts';
import type { PlatformName } from '../words.ts';
import { type AddressRead, either, type PlatformRules } from './platform.ts';

/** The address of a room, with the platform that read it. */
export type Address =
  | (Extract<AddressRead, { outcome: 'address' }> & { readonly platform: PlatformName })
  | Extract<AddressRead, { outcome: 'problem' }>;

type Platforms = readonly PlatformRules[];

/** Returns true if a text can only be meant as an address, not as the name of a room. */
export const looksLikeAddress = (text: string, platforms: Platforms): boolean =>
  /[:#!@/]/.test(text) || meantFor(text, platforms) !== undefined;

/** Reads an address, `<platform>:<what the platform calls the room>`; explains what is wrong with any other text. */
export function parseAddress(written: string, platforms: Platforms): Address {
  const text = written.trim();
  const remedy = meantFor(text, platforms)?.address.explain(text);
  if (remedy != null) return { outcome: 'problem', ...remedy };
  const colon = text.indexOf(':');
  const chat = text.slice(0, Math.max(0, colon));
  const rest = text.slice(colon + 1);
  const platform = platforms.find(({ name }) => name === chat);
  if (platform !== undefined) {
    const read = platform.address.read(rest.trim());
    return read.outcome === 'address' ? { ...read, platform: platform.name } : read;
  }
  const bare = platforms.find(({ name }) => name === text);
  if (bare !== undefined) return problem(`"${text}" is a chat, not a room in it`, `write "${bare.address.example}"`);
  const names = platforms.map(({ name }) => name);
  const meant = nearest(chat, names);
  const examples = platforms.map(({ address }) => `"${address.example}"`);
  return problem(
    colon === -1 ? `"${shorten(text)}" is not an address` : `"${shorten(chat)}" is not a chat that is known`,
    meant !== null ? `did you mean "${meant}:${rest}"?` : `write ${either(examples)}`,
  );
}

/** Puts the platform's name before a text that can only be meant for it: `#a:b` → `matrix:#a:b`; any other text stays as it is. */
export function withPlatform(text: string, platforms: Platforms): string {
  const platform = meantFor(text, platforms);
  return platform === undefined ? text : `${platform.name}:${text}`;
}

const meantFor = (text: string, platforms: Platforms) =>
  platforms.find(({ address }) => address.explain(text) !== null);

export const problem = (wrong: string, right: string) => ({ outcome: 'problem', wrong, right }) as const;

/** A text as a message quotes it: at most 60 characters. */
export function shorten(text: string): string {
  return excerpt(text, 60);
}

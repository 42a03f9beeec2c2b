import { problem, shorten } from '../../config/address.ts';
import type { AddressRead, AddressRules } from '../../config/platform.ts';
import { serverName } from './ids.ts';

const alias = new RegExp(`^#[^:\\s\\0]{1,200}:${serverName}$`);
/** `!id:server`, and `!id` alone from room version 12 on (https://spec.matrix.org/v1.16/appendices/#room-ids). */
const roomId = new RegExp(`^![^:\\s\\0]{1,200}(?::${serverName})?$`);
const link = /^https:\/\/matrix\.to\//;

/** `matrix:#alias:server`, `matrix:!id:server` or `matrix:!id`. */
export const matrixAddress: AddressRules = {
  example: 'matrix:#alias:example.org',
  forms: ['matrix:#alias:server', 'matrix:!id:server'],
  read,
  explain(text) {
    if (!/^[#!@]/.test(text) && !link.test(text)) return null;
    const meant = read(text);
    return meant.outcome === 'problem'
      ? meant
      : { wrong: `"${text}" has no chat before it`, right: `write "${meant.address}"` };
  },
};

function read(text: string): AddressRead {
  const linked = /^https:\/\/matrix\.to\/#\/([^?]+)/.exec(text)?.[1];
  if (linked !== undefined) {
    const meant = read(decoded(linked));
    const right = meant.outcome === 'address' ? meant.address : matrixAddress.example;
    return problem('this is a link, not an address', `write "${right}"`);
  }
  if (text.length > 255) return problem('this address is longer than 255 characters', 'copy it again from the room');
  if (alias.test(text) || roomId.test(text)) {
    // The case of a server's name does not count; that of the rest does.
    const server = text.indexOf(':');
    const canonical = server === -1 ? text : text.slice(0, server) + text.slice(server).toLowerCase();
    return { outcome: 'address', address: `matrix:${canonical}` };
  }
  if (text.startsWith('@'))
    return problem(`"${text}" is a user, not a room`, 'write the address of a room, "matrix:!id:example.org"');
  if (/^#[^:\s]+$/.test(text)) return problem(`"matrix:${text}" has no server`, `write "matrix:${text}:example.org"`);
  return problem(
    `"matrix:${shorten(text)}" is not a room of Matrix`,
    'write "matrix:#alias:example.org" or "matrix:!id:example.org"',
  );
}

/** A text without its percent signs; as it is if they stand for nothing. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import type { IdRules, ServerRules } from '../../config/platform.ts';

/** https://spec.matrix.org/v1.16/appendices/#server-name: a DNS name, IPv4, or IPv6 in brackets, and a port. */
export const serverName = String.raw`(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?)(?::\d{1,5})?`;
const serverPattern = new RegExp(`^${serverName}$`);
const userPattern = new RegExp(`^@[\\x21-\\x39\\x3b-\\x7e]{1,200}:${serverName}$`);

/** `@you:example.org` */
export const user: IdRules = {
  kind: 'Matrix user',
  right: '"@you:example.org"',
  isId: (text) => userPattern.test(text) && text.length <= 255,
  meant: () => null,
  doubt: () => null,
};

/** `example.org` */
export const server: IdRules & ServerRules = {
  kind: 'Matrix server',
  right: 'its name alone: example.org',
  isId: (text) => serverPattern.test(text) && text.length <= 230,
  meant: () => null,
  doubt(name) {
    // Without a dot it is more likely the name of a user.
    if (/[.:\]]/.test(name) || name === 'localhost') return null;
    return { wrong: `"${name}" is taken for a server`, right: 'write a user as "@user:example.org"' };
  },
  // https://spec.matrix.org/v1.16/appendices/#user-identifiers: the server stands behind the first colon.
  serverOf: (id) => (id.startsWith('@') ? id.slice(id.indexOf(':') + 1) : null),
};

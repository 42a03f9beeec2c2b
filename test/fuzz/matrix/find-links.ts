import { createRequire } from 'node:module';
import { LinkifyIt } from 'linkify-it';

/** The used part of linkifyjs. Its type for plugins is not exported. */
interface Linkify {
  reset(): void;
  find(text: string): readonly { readonly type: string; readonly value: string }[];
  registerPlugin(name: string, plugin: (parts: { scanner: Scanner; parser: { start: State } }) => void): void;
  registerCustomProtocol(scheme: string, withoutSlashes: boolean): void;
  createTokenClass(type: string, properties: object): unknown;
  readonly State: new (token?: unknown) => State;
}
interface Scanner {
  readonly tokens: Readonly<Record<string, string>> & { readonly groups: Readonly<Record<string, readonly string[]>> };
}
interface State {
  tt(token: string, next?: State): State;
  ta(tokens: readonly string[], next: State): void;
}

/**
 * Another copy of linkifyjs than the one that Lookout uses (CommonJS, not ES module): registrations here must not
 * affect the tested code.
 */
const linkify = createRequire(import.meta.url)('linkifyjs') as Linkify;

/** Schemes that Element links besides http, https, ftp and mailto (its list of permitted schemes). */
const schemes =
  'bitcoin geo im magnet matrix mms news openpgp4fpr sip sms smsto ssh tel urn wtai xmpp irc ircs mxc data file steam';

// Another test file of the same process may have used this copy, after which it would accept no plugin.
linkify.reset();

/**
 * Rooms and users as Element finds them: sigil, local part, colon, server, port. Server and local part may contain what
 * linkifyjs calls a domain (letters of every script and digits), and a few signs between.
 */
for (const [name, sigil] of [
  ['userid', 'AT'],
  ['roomalias', 'POUND'],
  ['roomid', 'EXCLAMATION'],
] as const) {
  linkify.registerPlugin(name, ({ scanner: { tokens }, parser }) => {
    const { domain = [] } = tokens.groups;
    const found = (): State => new linkify.State(linkify.createTokenClass(name, { isLink: true }));
    const local = new linkify.State();
    const localTokens = [
      ...domain,
      ...['DOT', 'SYM', 'SLASH', 'EQUALS', 'UNDERSCORE', 'HYPHEN', 'PLUS'].map((key) => tokens[key]!),
    ];
    parser.start.tt(tokens[sigil]!).ta(localTokens, local);
    local.ta(localTokens, local);
    const [server, withPort] = [found(), found()];
    const colon = local.tt(tokens.COLON!);
    const serverTokens = [...domain, tokens.HYPHEN!];
    colon.ta(serverTokens, server);
    server.ta(serverTokens, server);
    server.tt(tokens.DOT!, colon);
    server.tt(tokens.COLON!).tt(tokens.NUM!, withPort);
  });
}
for (const scheme of schemes.split(' ')) linkify.registerCustomProtocol(scheme, true);

/**
 * The link finder of markdown-it, and of clients other than Element: it also links domains, addresses and numbers
 * without a scheme.
 */
const linkifyIt = new LinkifyIt({ fuzzyLink: true, fuzzyEmail: true, fuzzyIP: true, urlAuth: true });

/**
 * Returns the parts of a text outside links and code that common clients would turn into a link or a mention: linkifyjs
 * with Element's rules, linkify-it, and `@room`
 * (https://spec.matrix.org/v1.16/client-server-api/#definition-mroom-mentions…).
 */
export function findLinks(text: string): readonly string[] {
  return [
    ...linkify.find(text).map(({ type, value }) => `${type} ${value}`),
    ...(linkifyIt.match(text) ?? []).map(({ raw }) => `link ${raw}`),
    ...(text.match(/(?<![\p{L}\p{N}_])@room(?![\p{L}\p{N}_])/giu) ?? []).map((mention) => `mention ${mention}`),
  ];
}

/**
 * Syntax that the two parsers of Discord's dialect do not know, or know too narrowly (they expect identifiers of 17
 * digits, a client does not). Each rule is based on Discord's own documentation, quoted above it, or says that there is
 * none.
 *
 * - Reference: https://discord.com/developers/docs/reference#message-formatting-formats
 * - Guide: "Markdown Text 101", https://support.discord.com/hc/en-us/articles/210298617
 */

type Capture = readonly (string | undefined)[];

/** The used part of a rule of simple-markdown, on which both parsers are based. */
export interface Rule {
  readonly order: number;
  readonly match: (source: string, state: State, previous: string) => Capture | null;
  readonly parse: (capture: Capture, parse: (source: string, state: State) => unknown, state: State) => object;
}
export interface State {
  readonly inQuote?: boolean;
}

/** Before text, and before the parsers' own rules, all of which are narrower than these. */
const first = -1;

/** Returns true if the text before ends a line, or is empty. */
const beginsLine = (previous: string) => previous === '' || /\n *$/.test(previous);

const danger = (name: string, pattern: RegExp): Rule => ({
  order: first,
  match: (source) => pattern.exec(source),
  parse: (capture) => ({ type: 'danger', name, content: capture[0] }),
});

/** Reference: "`<@USER_ID>`", "`<@!USER_ID>`", "`<@&ROLE_ID>`", "`<#CHANNEL_ID>`". */
const mention = danger('mention', /^<(?:@[!&]?|#)\d+>/);

/** Allowed mentions object: "everyone: Controls @everyone and @here mentions". */
const everyone = danger('mention', /^@(?:everyone|here)\b/);

/** Reference: "`</NAME:COMMAND_ID>`", "`</NAME SUBCOMMAND_GROUP SUBCOMMAND:ID>`". */
const command = danger('command', /^<\/[^\n:>]{1,100}:\d+>/u);

/** Reference: "Custom Emoji `<:NAME:ID>`", "Custom Emoji (Animated) `<a:NAME:ID>`". */
const emoji = danger('emoji', /^<a?:\w+:\d+>/);

/** Reference: "Unix Timestamp `<t:TIMESTAMP>`", "Unix Timestamp (Styled) `<t:TIMESTAMP:STYLE>`". */
const timestamp = danger('timestamp', /^<t:-?\d+(?::[A-Za-z])?>/);

/** Reference: "Guild Navigation `<id:TYPE>`", of the types "customize", "browse", "guide", "linked-roles", "`<id:linked-roles:ROLE_ID>`". */
const navigation = danger('navigation', /^<id:[a-z-]+(?::\d+)?>/);

/** Reference: "Email `<EMAIL>`", "Phone Number `<+PHONE_NUMBER>`"; clients accept them with a scheme, too. */
const contact = danger('link', /^<(?:(?:mailto:)?[^\s<>@]+@[^\s<>@]+\.[^\s<>@]+|(?:tel:|sms:)?\+[\d ()-]{3,}\d)>/i);

/**
 * "Beginner's Guide to Custom Emojis" (https://support.discord.com/hc/en-us/articles/360036479811): an emoji is used by
 * typing ":emoji_name:". Clients draw standard emoji by these names even in a bot's message. The only names of digits
 * are `:100:` and `:1234:`; times of the day are not names.
 */
const shortcode = danger('emoji', /^:(?!(?!100:|1234:)\d+:)[\w+-]+(?:::skin-tone-\d)?:/);

/**
 * "Invites 101" (https://support.discord.com/hc/en-us/articles/208866998): "discord.gg/…" and "discord.com/invite/…". A
 * card is drawn for them even without a scheme. The parsers have already read the word before the full stop.
 */
const invitation: Rule = {
  order: first,
  match: (source, _, previous) =>
    /discord(?:app)?$/i.test(previous) ? /^\.(?:gg|com\/invite)\/[\w-]+/i.exec(source) : null,
  parse: ([content]) => ({ type: 'danger', name: 'invitation', content }),
};

/** Not documented; clients link `steam://…` and `discord://…` as they link `https://…`. Here any scheme counts. */
const scheme: Rule = {
  order: first,
  match: (source) => /^[A-Za-z][A-Za-z\d+.-]*:\/\/[^\s<]+[^<.,:;"')\]\s]/.exec(source),
  parse: ([address]) => ({ type: 'link', target: address, content: [{ type: 'text', content: address }] }),
};

/** Guide: "you can wrap the link with <> to remove the embed"; with any scheme. */
const bracketed: Rule = {
  order: first,
  match: (source) => /^<([A-Za-z][A-Za-z\d+.-]*:\/\/?[^\s<>]+)>/.exec(source),
  parse: ([, address]) => ({ type: 'link', target: address, content: [{ type: 'text', content: address }] }),
};

/**
 * Guide: "You can create a bulleted list using either (-) or (*) in the beginning of each line", "You can also indent your
 * list by adding a space before (-) or (*) at the beginning of each line", and numbers with a full stop. Indented
 * lines behind it belong to it.
 */
const item = /^( *(?:[-*]|\d+\.) +)([^\n]*(?:\n(?! *(?:[-*]|\d+\.) ) +[^\n]+)*(?:\n|$))/;
const listItem: Rule = {
  order: first,
  match: (source, _, previous) => (beginsLine(previous) ? item.exec(source) : null),
  parse: ([, mark, content], parse, state) => ({
    type: 'listItem',
    mark: mark!.trim().replace(/\d+/, '1'),
    content: parse(content!.replace(/\n +/g, '\n'), state),
  }),
};

/** Guide: "add a (-# ) before the text you want to appear in the subtext"; headings in quotes and lists are headings too. */
const subtext: Rule = {
  order: first,
  match: (source, _, previous) => (beginsLine(previous) ? /^ *-# +([^\n]+)(?:\n|$)/.exec(source) : null),
  parse: ([, content], parse, state) => ({ type: 'subtext', content: parse(content!, state) }),
};

/** Guide: "the hash/pound sign character (#). Use (#) for a big header, (##) …, or (###) … as the first character(s) in a new line". */
const heading: Rule = {
  order: first,
  match: (source, _, previous) => (beginsLine(previous) ? /^ *(#{1,3}) +([^\n]+)(?:\n|$)/.exec(source) : null),
  parse: ([, marks, content], parse, state) => ({
    type: 'heading',
    level: marks!.length,
    content: parse(content!, state),
  }),
};

/** The rules added to both parsers. */
export const additions: Readonly<Record<string, Rule>> = {
  mention,
  everyone,
  command,
  customEmoji: emoji,
  time: timestamp,
  navigation,
  contact,
  shortcode,
  invitation,
  scheme,
  bracketed,
  listItem,
  subtextLine: subtext,
  headingLine: heading,
};

import type { TargetTrouble } from '../adapter.ts';

/**
 * The thing that a refusal is about.
 *
 * - `message`: this message; it will never do.
 * - `text`: the text of this message, which a filter refuses; without the text it may do.
 * - `change`: this change of a message, or this answer to one.
 * - `changes`: changes of this kind in the room, for a while; new messages go out.
 * - `room`: the room, until somebody changes something there.
 * - `sleep`: the thread, which opens again when asked.
 * - `roomWaits`, `accountWaits`: the room or the account, for a while.
 * - `account`: the account, until somebody changes something.
 */
export type About =
  | 'message'
  | 'text'
  | 'change'
  | 'changes'
  | 'room'
  | 'sleep'
  | 'roomWaits'
  | 'accountWaits'
  | 'account';

export interface CodeMeaning {
  /** The name of the code in Discord's own words. */
  readonly says: string;
  readonly about: About;
  /** The cause, and a remedy, for logs. */
  readonly help?: string;
  /** The problem with the message that a change or an answer is about. */
  readonly target?: TargetTrouble;
}

/** https://docs.discord.com/developers/topics/opcodes-and-status-codes#json; all of them stand there. */
export const codesSource = 'https://docs.discord.com/developers/topics/opcodes-and-status-codes#json';

const verify = 'Discord wants the bot’s owner to verify the account';
const tooManyThreads = 'the server has as many active threads as it may have';

/** Every code of Discord's that a request of Lookout's can get: a message, an edit, a reply, a thread, a reaction, its end, or a forum's post. */
export const codeTable: ReadonlyMap<number, CodeMeaning> = new Map<number, CodeMeaning>([
  // The account.
  [40002, { says: 'You need to verify your account', about: 'account', help: verify }],
  [50014, { says: 'Invalid authentication token provided', about: 'account' }],
  [50178, { says: 'The user account must first be verified', about: 'account', help: verify }],
  // Discord switched something off for everybody, or Cloudflare before it stopped us.
  [40004, { says: 'Send messages has been temporarily disabled', about: 'accountWaits' }],
  [40006, { says: 'This feature has been temporarily disabled server-side', about: 'accountWaits' }],
  [40333, { says: 'Cloudflare is blocking your request', about: 'accountWaits' }],
  [110001, { says: 'Application not yet available', about: 'accountWaits' }],
  [130000, { says: 'API resource is currently overloaded', about: 'accountWaits' }],
  // The room.
  [10003, { says: 'Unknown channel', about: 'room', help: 'there is no such channel or thread' }],
  [10004, { says: 'Unknown guild', about: 'room', help: 'the server is gone, or the bot is not on it any more' }],
  [10007, { says: 'Unknown member', about: 'room', help: 'the bot is not on the server: invite it' }],
  [40007, { says: 'The user is banned from this guild', about: 'room', help: 'the bot is banned from the server' }],
  [
    40058,
    {
      says: 'Cannot send a message in a forum channel',
      about: 'room',
      help: 'a forum takes no messages itself: each is a post of its own',
    },
  ],
  [
    40066,
    {
      says: 'There are no tags available that can be set by non-moderators',
      about: 'room',
      help: 'the forum wants a tag, and the bot may set none: let it manage threads',
    },
  ],
  [
    40067,
    {
      says: 'A tag is required to create a forum post in this channel',
      about: 'room',
      help: 'the forum wants a tag: name one in chats.discord.forum_tags',
    },
  ],
  [50001, { says: 'Missing access', about: 'room', help: 'the bot cannot see the channel: let it view the channel' }],
  [50003, { says: 'Cannot execute action on a DM channel', about: 'change' }],
  [
    50007,
    { says: 'Cannot send messages to this user', about: 'room', help: 'that person takes no messages from the bot' },
  ],
  [
    50008,
    {
      says: 'Cannot send messages in a non-text channel',
      about: 'room',
      help: 'this kind of channel takes no messages',
    },
  ],
  [50009, { says: 'Channel verification level is too high for you to gain access', about: 'room' }],
  [
    50013,
    {
      says: 'You lack permissions to perform that action',
      about: 'room',
      help: 'the bot lacks a permission in the channel',
    },
  ],
  [
    50024,
    {
      says: 'Cannot execute action on this channel type',
      about: 'room',
      help: 'this kind of channel takes no messages',
    },
  ],
  [
    50278,
    {
      says: 'Cannot send messages to this user due to having no mutual guilds',
      about: 'room',
      help: 'that person is on no server with the bot',
    },
  ],
  [
    60003,
    {
      says: 'Two factor is required for this operation',
      about: 'room',
      help: 'the server wants two-factor authentication of the bot’s owner',
    },
  ],
  [
    160005,
    { says: 'Thread is locked', about: 'room', help: 'the thread is locked: unlock it, or let the bot manage threads' },
  ],
  // A thread that is archived opens again.
  [
    50083,
    {
      says: 'Tried to perform an operation on an archived thread',
      about: 'sleep',
      help: 'the thread is archived: open it again',
    },
  ],
  // Slow mode, and limits on writing.
  [20016, { says: 'This action cannot be performed due to slowmode rate limit', about: 'roomWaits' }],
  [20022, { says: 'This message cannot be edited due to announcement rate limits', about: 'changes' }],
  [
    20028,
    { says: 'The write action you are performing on the channel has hit the write rate limit', about: 'roomWaits' },
  ],
  [
    20029,
    { says: 'The write action you are performing on the server has hit the write rate limit', about: 'roomWaits' },
  ],
  [40003, { says: 'You are opening direct messages too fast', about: 'roomWaits' }],
  [40062, { says: 'Service resource is being rate limited', about: 'roomWaits' }],
  // A kind of change.
  [30003, { says: 'Maximum number of pins reached for the channel', about: 'changes' }],
  [30033, { says: 'Maximum number of thread participants has been reached', about: 'change' }],
  [30047, { says: 'Maximum number of pinned threads in a forum channel has been reached', about: 'changes' }],
  [160006, { says: 'Maximum number of active threads reached', about: 'room', help: tooManyThreads }],
  [160007, { says: 'Maximum number of active announcement threads reached', about: 'room', help: tooManyThreads }],
  // One change, or one answer.
  [10008, { says: 'Unknown message', about: 'change', target: 'gone' }],
  [10014, { says: 'Unknown emoji', about: 'change', help: 'Discord knows no such emoji' }],
  [
    30010,
    {
      says: 'Maximum number of reactions reached',
      about: 'change',
      help: 'the message has as many different reactions as it may have',
    },
  ],
  [30046, { says: 'Maximum number of edits to messages older than 1 hour reached', about: 'change', target: 'tooOld' }],
  [40033, { says: 'This message has already been crossposted', about: 'change' }],
  [
    50005,
    {
      says: 'Cannot edit a message authored by another user',
      about: 'change',
      help: 'another account wrote the message',
    },
  ],
  [50016, { says: 'Provided too few or too many messages to delete', about: 'change' }],
  [50019, { says: 'A message can only be pinned in the channel it was sent in', about: 'change' }],
  [50021, { says: 'Cannot execute action on a system message', about: 'change' }],
  [50034, { says: 'A message provided was too old to bulk delete', about: 'change' }],
  [50151, { says: 'The specified emoji is invalid', about: 'change', help: 'Discord knows no such emoji' }],
  [90001, { says: 'Reaction was blocked', about: 'change', help: 'somebody who blocked the bot wrote the message' }],
  [90002, { says: 'User cannot use burst reactions', about: 'change' }],
  [160002, { says: 'Cannot reply without permission to read message history', about: 'change' }],
  [160004, { says: 'A thread has already been created for this message', about: 'change' }],
  [160009, { says: 'Cannot reference a message without permission to read message history', about: 'change' }],
  [160010, { says: 'A message in an age-restricted channel may not be referenced', about: 'change' }],
  [520003, { says: 'Cannot edit a poll message', about: 'change' }],
  // The message.
  [10087, { says: 'Unknown tag', about: 'message' }],
  [20024, { says: 'Under minimum age', about: 'message' }],
  [40005, { says: 'Request entity too large', about: 'message' }],
  [50006, { says: 'Cannot send an empty message', about: 'message' }],
  [50035, { says: 'Invalid form body', about: 'message' }],
  [50041, { says: 'Invalid API version provided', about: 'message' }],
  [50045, { says: 'File uploaded exceeds the maximum size', about: 'message' }],
  [50068, { says: 'Invalid message type', about: 'message' }],
  [50109, { says: 'The request body contains invalid JSON', about: 'message' }],
  [400001, { says: 'Access to file uploads has been limited for this guild', about: 'message' }],
  // The text of the message.
  [
    20009,
    {
      says: 'Explicit content cannot be sent to the desired recipient(s)',
      about: 'text',
      help: 'Discord’s filter of explicit content blocks it',
    },
  ],
  [
    20031,
    {
      says: 'Your … channel names contain words that are not allowed',
      about: 'text',
      help: 'Discord blocks the title',
    },
  ],
  [
    200000,
    {
      says: 'Message was blocked by automatic moderation',
      about: 'text',
      help: 'the server’s AutoMod blocks it: exempt the bot’s role there',
    },
  ],
  [
    200001,
    {
      says: 'Title was blocked by automatic moderation',
      about: 'text',
      help: 'the server’s AutoMod blocks the title: exempt the bot’s role there',
    },
  ],
  [
    240000,
    {
      says: 'Message blocked by harmful links filter',
      about: 'text',
      help: 'Discord’s filter of harmful links blocks it',
    },
  ],
]);

/**
 * The thing that a refusal is about.
 *
 * - `message`: this message; it will never do.
 * - `change`: this change of a message.
 * - `roomOrText`: the room, if we may not speak there; else the text of this message, which a module of the homeserver refuses.
 * - `roomOrChange`: the room, if we may not speak there; else the message or change.
 * - `room`: the room, until somebody changes something there.
 * - `accountWaits`: the account, for a while: a homeserver counts the messages of all rooms together.
 * - `account`: the account, until somebody changes something.
 * - `server`: what answers is not a homeserver, or not one that knows the request.
 */
export type About =
  | 'message'
  | 'change'
  | 'roomOrText'
  | 'roomOrChange'
  | 'room'
  | 'accountWaits'
  | 'account'
  | 'server';

export interface CodeMeaning {
  readonly says: string;
  readonly about: About;
  /** The cause, and a remedy, for logs. */
  readonly help?: string;
  /** The page that describes it. */
  readonly source: string;
}

const spec = 'https://spec.matrix.org/v1.16/client-server-api/#standard-error-response';
const other = 'https://spec.matrix.org/v1.16/client-server-api/#other-error-codes';
const joining = 'https://spec.matrix.org/v1.16/client-server-api/#post_matrixclientv3joinroomidoralias';
const synapse = 'https://github.com/element-hq/synapse/blob/develop/synapse/api/errors.py';
const annotations = 'https://spec.matrix.org/v1.16/client-server-api/#avoiding-duplicate-annotations';
const admins = 'ask the admins of the homeserver';

/** Every code that a request of Lookout's can get: a message, an edit, a reply, a thread, a reaction, its end, or a question before one. */
export const codeTable: ReadonlyMap<string, CodeMeaning> = new Map<string, CodeMeaning>([
  [
    'M_UNKNOWN_TOKEN',
    {
      says: 'the access token is not recognised',
      about: 'account',
      help: 'the homeserver does not know the access token: get a new one',
      source: spec,
    },
  ],
  [
    'M_MISSING_TOKEN',
    {
      says: 'no access token was given',
      about: 'account',
      help: 'the access token did not reach the homeserver: does a proxy strip the Authorization header?',
      source: spec,
    },
  ],
  [
    'M_USER_DEACTIVATED',
    { says: 'the user was deactivated', about: 'account', help: 'the account is deactivated', source: other },
  ],
  [
    'M_USER_LOCKED',
    { says: 'the account is locked', about: 'account', help: `the account is locked: ${admins}`, source: spec },
  ],
  [
    'M_USER_SUSPENDED',
    { says: 'the account is suspended', about: 'account', help: `the account is suspended: ${admins}`, source: spec },
  ],
  [
    'M_CONSENT_NOT_GIVEN',
    {
      says: 'the terms of the homeserver are not accepted',
      about: 'account',
      help: 'the homeserver wants its terms accepted: log in as the bot with a client and accept them',
      source: synapse,
    },
  ],
  [
    'ORG_MATRIX_EXPIRED_ACCOUNT',
    { says: 'the account has expired', about: 'account', help: `the account has expired: ${admins}`, source: synapse },
  ],
  [
    'ORG.MATRIX.MSC3866_USER_AWAITING_APPROVAL',
    {
      says: 'the account awaits approval',
      about: 'account',
      help: `the account awaits approval: ${admins}`,
      source: synapse,
    },
  ],
  ['M_LIMIT_EXCEEDED', { says: 'too many requests', about: 'accountWaits', source: spec }],
  ['M_RESOURCE_LIMIT_EXCEEDED', { says: 'the homeserver has reached a limit', about: 'accountWaits', source: other }],
  ['M_USER_LIMIT_EXCEEDED', { says: 'the account has reached a limit', about: 'accountWaits', source: synapse }],
  ['M_UNRECOGNIZED', { says: 'the request is not known', about: 'server', source: spec }],
  [
    'M_FORBIDDEN',
    {
      says: 'forbidden: no power, not in the room, or a module of the homeserver refuses the text',
      about: 'roomOrText',
      source: spec,
    },
  ],
  ['M_NOT_FOUND', { says: 'not found', about: 'roomOrChange', source: spec }],
  ['M_GUEST_ACCESS_FORBIDDEN', { says: 'the room takes no guests', about: 'room', source: other }],
  ['M_BAD_STATE', { says: 'the membership does not allow the request', about: 'room', source: other }],
  ['M_UNABLE_TO_AUTHORISE_JOIN', { says: 'no server could authorise the join', about: 'room', source: joining }],
  ['M_UNABLE_TO_GRANT_JOIN', { says: 'another server has to authorise the join', about: 'room', source: joining }],
  [
    'M_INCOMPATIBLE_ROOM_VERSION',
    { says: 'the homeserver does not know the version of the room', about: 'room', source: other },
  ],
  [
    'M_UNSUPPORTED_ROOM_VERSION',
    { says: 'the homeserver does not support the version of the room', about: 'room', source: other },
  ],
  ['M_DUPLICATE_ANNOTATION', { says: 'the reaction is there', about: 'change', source: annotations }],
  ['M_BAD_JSON', { says: 'the JSON lacks something', about: 'message', source: spec }],
  ['M_NOT_JSON', { says: 'not JSON', about: 'message', source: spec }],
  ['M_INVALID_PARAM', { says: 'a parameter is wrong', about: 'message', source: other }],
  ['M_MISSING_PARAM', { says: 'a parameter is missing', about: 'message', source: other }],
  ['M_TOO_LARGE', { says: 'the event is too large', about: 'message', source: other }],
  ['M_UNKNOWN', { says: 'an error without a code of its own', about: 'message', source: spec }],
]);

// @ts-check
/**
 * @import { Adapter, AdapterParts, AuthorKit, DefinePlatform, Message, Mention, SendResult } from 'lookout/adapter'
 * @typedef {{ readonly server: string, readonly token: ReturnType<AuthorKit['readSecret']> }} Settings
 */

/** A message has at most 4,096 bytes, a longer one becomes a file: https://docs.ntfy.sh/publish/#limitations. A unit takes up to 3. */
const bodyUnits = 1_000;
const titleUnits = 150;
const mostNamed = 20;
const timeoutMs = 20_000;
const waitMs = 5_000;
const notNtfyMs = 60_000;

/**
 * A platform for Lookout: a room is a topic of an ntfy server, a message is a notification that opens metasmoke.
 *
 * @type {DefinePlatform}
 */
export default function ntfy(kit) {
  return {
    name: 'ntfy',
    title: 'ntfy',
    // A topic needs no account, and there is nothing to ask about it.
    setup: null,
    tools: [],
    inspect: () => null,
    showsByPermission: false,
    settings: {
      keys: {
        server: kit.keys.text({ says: 'the ntfy server', byDefault: 'https://ntfy.sh' }),
        ...kit.keys.secret('token', 'an access token, if the server wants one', {
          without: 'messages are sent without a login',
          example: `\${NTFY_TOKEN}`,
        }),
      },
      says: 'an ntfy server, and the login there',
      example: '{ server: https://ntfy.sh }',
      read(context, map) {
        if (map === null) return null;
        const written = kit.getText(map, 'server');
        const rules = /** @type {const} */ ({ key: 'server', example: 'https://ntfy.sh', path: 'allowed' });
        const server = written === null ? rules.example : kit.readServer(context, written, rules);
        const token = kit.readSecret(context, map, 'token');
        return server === null ? null : { server, token };
      },
      summary: (settings) => ({ server: /** @type {Settings} */ (settings).server }),
    },
    address: {
      example: 'ntfy:my-topic',
      forms: ['ntfy:<topic>'],
      read: (topic) =>
        /^[-\w]{1,64}$/.test(topic)
          ? { outcome: 'address', address: `ntfy:${topic}` }
          : kit.addressProblem('this is not a topic of ntfy', 'write "ntfy:" and up to 64 letters, digits, - and _'),
      explain: () => null,
    },
    people: { user: null, role: null, server: null, power: null, permission: null, trusted: null },
    mention: null,
    messageId: () => null,
    messageLink: () => null,
    answersAlone: false,
    counters: [],
    brokenForGood: null,
    createAdapter: async (settings, parts) => createAdapter(kit, /** @type {Settings} */ (settings), parts),
  };
}

/**
 * @param {AuthorKit} kit
 * @param {Settings} settings
 * @param {AdapterParts} parts
 * @returns {Adapter}
 */
function createAdapter(kit, { server, token }, { clock, network }) {
  const http = kit.createTransport(network);

  /**
   * Sends a request. Null instead of a status: no answer came, and `written` says whether the request may have arrived.
   *
   * @param {string} path
   * @param {{ method: string, body?: string }} init
   * @param {AbortSignal} signal
   */
  async function request(path, init, signal) {
    const inTime = new AbortController();
    const cancel = clock.after(timeoutMs, () => inTime.abort());
    const headers = token === null ? {} : { authorization: `Bearer ${token.reveal()}` };
    try {
      const both = AbortSignal.any([signal, inTime.signal]);
      const answer = await http.fetch(`${server}${path}`, { ...init, headers, signal: both });
      const wait = kit.retryAfterHeader(answer.headers.get('retry-after'), clock.now());
      return { status: answer.status, waitMs: Math.max(1_000, wait ?? waitMs), json: idIn(await answer.text()) };
    } catch (error) {
      const { message, written } = /** @type {Error & { written?: boolean }} */ (error);
      return { status: null, written: written ?? true, text: message };
    } finally {
      cancel();
    }
  }

  /** @type {(topic: string, payload: string, signal: AbortSignal) => Promise<SendResult>} */
  async function publish(topic, payload, signal) {
    const body = JSON.stringify({ topic, ...JSON.parse(payload) });
    const answer = await request('/', { method: 'POST', body }, signal);
    if (answer.status === null) {
      const reason = `${server}: ${answer.text}`;
      if (answer.written || signal.aborted) return { outcome: 'unknown', waitMs, reason };
      return { outcome: 'notAccepted', waitMs, scope: 'account', reason };
    }
    // Nothing of the answer's text: a proxy may quote the token in it.
    const reason = `${server} answers with ${answer.status}`;
    if (answer.status === 200 && answer.json !== null) return { outcome: 'sent', platformId: answer.json };
    if (answer.status === 401) return { outcome: 'accountBroken', reason: `${reason}: check chats.ntfy.token` };
    if (answer.status === 403 || answer.status === 404) return { outcome: 'roomBroken', reason };
    if (answer.status === 429) return { outcome: 'notAccepted', waitMs: answer.waitMs, scope: 'account', reason };
    if (answer.status >= 500 || answer.status === 408) return { outcome: 'unknown', waitMs: answer.waitMs, reason };
    if (answer.status >= 400) return { outcome: 'rejected', reason };
    return { outcome: 'unknown', waitMs: notNtfyMs, reason: `${reason}: is it an ntfy server?` };
  }

  return {
    platform: 'ntfy',
    // Sent twice is shown twice, and messages can be read back for some hours only.
    idempotentForMs: 0,
    find: async () => ({ outcome: 'unreadable', reason: 'ntfy forgets messages after some hours' }),
    canEdit: false,
    togetherAtMost: 10,
    bodyUnits: () => bodyUnits,
    gathersSubjects: () => false,
    seals: () => false,
    describeEncryption: async () => null,
    connections: () => [],
    isAlias: () => false,
    resolve: async (topic) => ({ outcome: 'resolved', address: topic }),
    // No commands come from ntfy.
    listen() {},
    async login(signal) {
      const answer = await request('/v1/account', { method: 'GET' }, signal);
      if (answer.status === 200) return { outcome: 'ready', account: { id: server, device: null } };
      if (answer.status === 401)
        return { outcome: 'accountBroken', reason: `${server} refuses the token: check chats.ntfy.token` };
      const reason = answer.status === null ? answer.text : `it answers with ${answer.status}`;
      return { outcome: 'later', waitMs, reason: `${server}: ${reason}` };
    },
    format: (message, _key, _room, mentions = []) => payloadOf(kit, [message], mentions).payload,
    together: (messages, _key, _room, mentions = []) => payloadOf(kit, messages, mentions),
    async send({ room, payload, action = { kind: 'create' } }, signal) {
      switch (action.kind) {
        case 'create':
        case 'reply':
        case 'thread':
          return publish(room, payload, signal);
        case 'edit':
        case 'react':
          return { outcome: 'rejected', reason: 'a notification cannot be changed', target: 'tooOld' };
        case 'redact':
          return { outcome: 'sent', platformId: action.target };
      }
    },
    stop: async () => http.close(),
  };
}

/**
 * Returns the JSON that is published, and how many of the messages have room in it.
 *
 * @param {AuthorKit} kit
 * @param {readonly Message[]} messages
 * @param {readonly Mention[]} mentions
 */
function payloadOf(kit, messages, mentions) {
  const [first] = messages;
  const texts = messages.map((message) => textOf(kit, message));
  let carried = texts.length;
  while (carried > 1 && texts.slice(0, carried).join('\n').length > bodyUnits) carried -= 1;
  const names = mentions.slice(0, mostNamed).map(({ id }) => id);
  const title = first?.title && carried === 1 ? linesOf(kit, paragraph(first.title), titleUnits) : '';
  const message = [...names, ...texts.slice(0, carried)].join('\n').trim();
  const click = first?.link ?? first?.url ?? null;
  const payload = JSON.stringify({
    ...(title !== '' && { title: unlinked(title) }),
    // An empty message would read "triggered".
    message: unlinked(message) || '–',
    ...(click !== null && { click }),
  });
  return { payload, carried };
}

/** @type {(kit: AuthorKit, message: Message) => string} */
function textOf(kit, { body, fields, footer }) {
  const rest = fields.map(({ name, value }) => paragraph([...name, { kind: 'text', text: ': ' }, ...value])[0]);
  return linesOf(kit, [...body, ...rest, ...(footer === null ? [] : paragraph(footer))], bodyUnits);
}

/** @type {(children: NonNullable<Message['title']>) => [{ kind: 'paragraph', children: NonNullable<Message['title']> }]} */
const paragraph = (children) => [{ kind: 'paragraph', children }];

/**
 * A line for each block, cut to a number of UTF-16 units.
 *
 * @type {(kit: AuthorKit, blocks: Message['body'], units: number) => string}
 */
function linesOf(kit, blocks, units) {
  const cut = kit.cutBlocks(blocks, { left: units, cut: false });
  return cut
    .map((block) =>
      kit
        .leavesOf([block])
        .map(({ text }) => text)
        .join(''),
    )
    .join('\n');
}

/** The apps make links of addresses in the text, which a spammer may have written. The only link is `click`. */
const unlinked = (/** @type {string} */ text) => text.replaceAll(/(:\/\/|\bwww\.)/gi, '$1 ');

/** The id in the answer to a message; null if it is not such an answer. @param {string} text */
function idIn(text) {
  try {
    const { id } = JSON.parse(text);
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}

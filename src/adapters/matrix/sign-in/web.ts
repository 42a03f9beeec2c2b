import { createTransport, TransportError } from '../../../http/transport.ts';
import { type JsonObject, objectOf, textOf } from '../../../text/json.ts';
import { shownLine } from '../../../text/shown.ts';
import { SetupError, type SetupParts } from '../../setup.ts';

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
  /** The address that a redirect leads to; null: it is none. */
  readonly location: string | null;
}

/** Requests of a login: to the homeserver, and to its OAuth 2.0 server. */
export interface Web {
  /** @throws SetupError if there is no answer */
  get(url: string, token?: string): Promise<Answer>;
  postJson(url: string, body: JsonObject): Promise<Answer>;
  postForm(url: string, fields: Readonly<Record<string, string>>): Promise<Answer>;
  close(): void;
}

/** Limit of a quotation from an answer, characters. */
const MOST_QUOTED = 300;
/** Time until an answer must be complete, ms. */
const TIMEOUT_MS = 30_000;

/** Creates the connection of one login; opens no socket yet. */
export function createWeb({ network, clock, signal }: Pick<SetupParts, 'network' | 'clock' | 'signal'>): Web {
  const transport = createTransport(network);

  async function request(url: string, method: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    const ended = new AbortController();
    const cancel = clock.after(TIMEOUT_MS, () => ended.abort());
    try {
      const init = { method, headers: { accept: 'application/json', ...headers }, body };
      const response = await transport.fetch(url, { ...init, signal: AbortSignal.any([signal, ended.signal]) });
      const location = response.headers.get('location');
      return { status: response.status, body: jsonOf(await response.text()), location };
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      const why = ended.signal.aborted ? `no answer within ${TIMEOUT_MS / 1_000} s` : error.message;
      throw new SetupError(`cannot reach ${new URL(url).origin}: ${why}`, { cause: error });
    } finally {
      cancel();
    }
  }

  return {
    get: (url, token) => request(url, 'GET', token === undefined ? {} : { authorization: `Bearer ${token}` }),
    postJson: (url, body) => request(url, 'POST', { 'content-type': 'application/json' }, JSON.stringify(body)),
    postForm: (url, fields) =>
      request(
        url,
        'POST',
        { 'content-type': 'application/x-www-form-urlencoded' },
        new URLSearchParams(fields).toString(),
      ),
    close: () => transport.close(),
  };
}

function jsonOf(text: string): JsonObject {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Returns the words of a refusal: status, code and text, of Matrix or of OAuth 2.0. */
export function refusalText({ status, body }: Answer): string {
  const code = textOf(body.errcode) ?? textOf(body.error);
  const text = textOf(body.errcode) === null ? textOf(body.error_description) : textOf(body.error);
  const parts = [String(status), code, text].filter((part) => part !== null && part !== '');
  return shownLine(parts.join(' ').slice(0, MOST_QUOTED));
}

import type { Log } from '../../log.ts';
import { textOf } from '../../text/json.ts';
import { unlessStopped } from '../../time/until-aborted.ts';
import type { Call } from './client.ts';
import type { Exchange } from './exchange.ts';
import type { Tokens } from './tokens.ts';

/** Asks whose token it is: https://spec.matrix.org/v1.16/client-server-api/#get_matrixclientv3accountwhoami */
export const whoami: Call = { method: 'GET', path: '/account/whoami' };

/** Makes one request with a token. */
export type Attempt = (token: string, call: Call, signal: AbortSignal) => Promise<Exchange>;

/** Number of tokens with which one request is made. */
const mostTokens = 3;

const notSent = (text: string): Exchange => ({ kind: 'unanswered', written: false, text });

/**
 * Makes requests with the account's access token, and with another one if the homeserver refuses it. A token from a
 * file may be of another device, on which a repeated transaction id makes a second message: it is used for a login
 * alone until the homeserver has said that account and device are the same.
 */
export class AuthorizedRequests {
  readonly #tokens: Tokens;
  readonly #attempt: Attempt;
  readonly #log: Log;
  /** Account and device of the last login; null before the first. */
  #identity: string | null = null;
  /** The token from the file that was found to be of that account and device; null: the one from the start. */
  #checkedFile: string | null = null;

  constructor(tokens: Tokens, attempt: Attempt, log: Log) {
    this.#tokens = tokens;
    this.#attempt = attempt;
    this.#log = log;
  }

  async make(call: Call, signal: AbortSignal): Promise<Exchange> {
    for (let tried = 1; ; tried++) {
      const used = await unlessStopped(this.#currentToken(), signal, notSent('aborted'));
      if (typeof used !== 'string') return used;
      const obstacle = await this.#obstacle(used, call, signal);
      if (obstacle !== null) return obstacle;
      const exchange = await this.#attempt(used, call, signal);
      if (exchange.kind === 'ok' && call === whoami) this.#noteLogin(exchange);
      if (exchange.kind !== 'refused' || exchange.code !== 'M_UNKNOWN_TOKEN') return exchange;
      // Nothing was done: the request can be made again, with another token.
      const stopped = { outcome: 'later', reason: 'aborted' } as const;
      const renewal = await unlessStopped(this.#tokens.refused(used), signal, stopped);
      if (renewal.outcome === 'none') return { ...exchange, remedy: renewal.remedy };
      if (renewal.outcome === 'later')
        return notSent(`the access token has ended, and there is no new one yet: ${renewal.reason}`);
      if (tried >= mostTokens) return exchange;
    }
  }

  async #currentToken(): Promise<string | Exchange> {
    try {
      return await this.#tokens.current();
    } catch (err) {
      this.#log.error({ platform: 'matrix', err }, 'the stored access token could not be read');
      return notSent('the stored access token could not be read');
    }
  }

  /** Returns the reason why the token is not to be used for the request; null: it may be. */
  async #obstacle(used: string, call: Call, signal: AbortSignal): Promise<Exchange | null> {
    const { fromFile } = this.#tokens;
    if (call === whoami || fromFile === this.#checkedFile) return null;
    const answer = await this.#attempt(used, whoami, signal);
    if (answer.kind === 'unanswered') return notSent(answer.text);
    if (answer.kind === 'refused') return answer;
    if (identityOf(answer) === this.#identity) {
      this.#checkedFile = fromFile;
      return null;
    }
    return {
      ...{ kind: 'refused', status: 401, code: 'M_UNKNOWN_TOKEN', retryAfterMs: null },
      text: 'the old token has ended',
      remedy: 'the one in its file now is of another account or device: the next login is with it',
    };
  }

  #noteLogin(exchange: Exchange & { readonly kind: 'ok' }): void {
    this.#identity = identityOf(exchange);
    this.#checkedFile = this.#tokens.fromFile;
  }
}

function identityOf({ body }: Exchange & { readonly kind: 'ok' }): string {
  return JSON.stringify([textOf(body.user_id), textOf(body.device_id)]);
}

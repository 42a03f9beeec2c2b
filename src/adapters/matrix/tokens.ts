import { createHash } from 'node:crypto';
import type { Transport } from '../../http/transport.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secrets/secret.ts';
import { withoutSecrets } from '../../secrets/without-secrets.ts';
import type { Clock } from '../../time/clock.ts';
import type { Credentials } from '../platform.ts';
import { type Refreshed, refresh } from './refresh.ts';

export interface TokensOptions {
  readonly homeserver: string;
  readonly token: Secret;
  /** Null: the access token does not end, or nothing renews it. */
  readonly refreshToken: Secret | null;
  readonly clientId: string | null;
  readonly credentials: Credentials;
  readonly fetch: Transport['fetch'];
  readonly clock: Clock;
  readonly log: Log;
  readonly requestTimeoutMs: number;
}

/** The answer to a refused access token. */
export type Renewal =
  /** There is another one: the request can be made again. */
  | { readonly outcome: 'renewed' }
  /** There is none yet. */
  | { readonly outcome: 'later'; readonly reason: string }
  /** There is none until somebody acts. */
  | { readonly outcome: 'none'; readonly remedy: string };

/** An access token that is sooner over than this is renewed before it is used, ms; of a short life, a tenth of it. */
const marginMs = 60_000;
/** Delay before the next refresh after one without a clear answer, ms. */
const retryMs = 5_000;
/** The account logs in again so often, minutes. */
const retryMinutes = 5;

/**
 * The access token of an account, and how it gets another one: from its file, which a person or a program changed, or
 * by the refresh token. New tokens are stored before they are used: until then the homeserver takes the old refresh
 * token once more (https://spec.matrix.org/v1.16/client-server-api/#refreshing-access-tokens), so a crash in between
 * loses nothing.
 */
export class Tokens {
  readonly #options: TokensOptions;
  /** The tokens as the configuration gives them; stored ones are of use only while it gives the same. */
  #origin: string;
  #restoring: Promise<void> | null = null;
  #renewing: Promise<Renewal> | null = null;
  /** End of the access token and the time from which on it is renewed, Unix ms; null: not known. */
  #renewAt: number | null = null;
  /** No refresh begins before, by the monotonic clock. */
  #notBefore = Number.NEGATIVE_INFINITY;
  #fromFile: string | null = null;
  readonly #ended = new AbortController();

  constructor(options: TokensOptions) {
    this.#options = options;
    this.#origin = this.#originNow();
  }

  /** Returns the access token for a request; one that is nearly over is renewed first. Throws if the store fails. */
  async current(): Promise<string> {
    this.#restoring ??= this.#restore().catch((error: unknown) => {
      this.#restoring = null;
      throw error;
    });
    await this.#restoring;
    const { clock, token } = this.#options;
    // Until its end the old one is still good.
    if (this.#renewAt !== null && clock.now() >= this.#renewAt) await this.#renew();
    return token.reveal();
  }

  /** The token that was last taken from its file; null: the one from the start, and those that a refresh made of it. */
  get fromFile(): string | null {
    return this.#fromFile;
  }

  /** The homeserver refused `used`, which did nothing. */
  async refused(used: string): Promise<Renewal> {
    const { token, refreshToken } = this.#options;
    if (token.reveal() !== used) return { outcome: 'renewed' };
    const changed = [token, refreshToken].filter((secret) => secret?.readAgain());
    if (changed.length > 0) {
      this.#origin = this.#originNow();
      this.#renewAt = null;
      this.#notBefore = Number.NEGATIVE_INFINITY;
    }
    if (changed.includes(token)) {
      this.#fromFile = token.given;
      return { outcome: 'renewed' };
    }
    return this.#renew();
  }

  /** Resolves when no refresh is under way any more; none begins after that. */
  async stop(): Promise<void> {
    this.#ended.abort();
    await this.#renewing;
  }

  async #restore(): Promise<void> {
    const { credentials, token, refreshToken } = this.#options;
    if (refreshToken === null) return;
    const stored = await credentials.load(this.#origin);
    if (stored?.origin !== this.#origin) return;
    token.renew(stored.access);
    refreshToken.renew(stored.refresh);
    this.#renewAt = stored.renewAt;
  }

  /** One refresh at a time, for all who need it. */
  #renew(): Promise<Renewal> {
    this.#renewing ??= this.#renewOnce().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewOnce(): Promise<Renewal> {
    const { token, refreshToken, clock, log } = this.#options;
    if (refreshToken === null) return { outcome: 'none', remedy: token.remedy(retryMinutes) };
    if (this.#ended.signal.aborted) return { outcome: 'later', reason: 'stopped' };
    if (clock.monotonic() < this.#notBefore)
      return { outcome: 'later', reason: 'it is asked for again in some seconds' };
    const answer = await this.#ask(refreshToken.reveal());
    switch (answer.outcome) {
      case 'tokens':
        return this.#take(answer, refreshToken);
      case 'later':
        this.#notBefore = clock.monotonic() + retryMs;
        return { outcome: 'later', reason: this.#quote(answer.reason) };
      case 'refused': {
        this.#notBefore = clock.monotonic() + retryMs;
        this.#renewAt = null;
        const reason = this.#quote(answer.reason);
        log.warn(
          { platform: 'matrix', reason },
          `the homeserver gives no new access token for the refresh token: ${reason}`,
        );
        return { outcome: 'none', remedy: this.#remedy(refreshToken, reason) };
      }
      default:
        return answer satisfies never;
    }
  }

  async #ask(refreshToken: string): Promise<Refreshed> {
    const { homeserver, clientId, fetch, clock, requestTimeoutMs } = this.#options;
    const late = new AbortController();
    const cancel = clock.after(requestTimeoutMs, () => late.abort());
    const signal = AbortSignal.any([late.signal, this.#ended.signal]);
    return refresh({ homeserver, refreshToken, clientId }, fetch, signal).finally(cancel);
  }

  /** Stores new tokens, then uses them. */
  async #take(answer: Refreshed & { readonly outcome: 'tokens' }, refreshToken: Secret): Promise<Renewal> {
    const { credentials, token, clock, log } = this.#options;
    const { access, refresh = null, expiresInMs } = answer;
    token.hide(access);
    if (refresh !== null) refreshToken.hide(refresh);
    const renewAt = expiresInMs === null ? null : clock.now() + expiresInMs - Math.min(marginMs, expiresInMs / 10);
    try {
      await credentials.save({ origin: this.#origin, access, refresh: refresh ?? refreshToken.reveal(), renewAt });
    } catch (err) {
      this.#notBefore = clock.monotonic() + retryMs;
      log.error(
        { platform: 'matrix', err },
        'a new access token could not be stored; the old one is used on, and another is asked for',
      );
      return { outcome: 'later', reason: 'it could not be stored' };
    }
    token.renew(access);
    if (refresh !== null) refreshToken.renew(refresh);
    this.#renewAt = renewAt;
    const until = expiresInMs === null ? '' : `, good until ${new Date(clock.wall() + expiresInMs).toISOString()}`;
    log.debug({ platform: 'matrix' }, `got a new access token${until}`);
    return { outcome: 'renewed' };
  }

  #remedy(refreshToken: Secret, reason: string): string {
    const { token, clientId } = this.#options;
    const oauth = clientId === null ? '; tokens that came over OAuth 2.0 need client_id, too' : '';
    const places = [
      `the new access token: ${token.remedy(retryMinutes)}`,
      `the new refresh token: ${refreshToken.remedy(retryMinutes)}`,
    ].join('; ');
    return `the refresh token was refused, too (${reason}): log the bot in anew; ${places}${oauth}`;
  }

  #originNow(): string {
    const { homeserver, token, refreshToken } = this.#options;
    const given = [homeserver, token.given, refreshToken?.given ?? null];
    return createHash('sha256').update(JSON.stringify(given)).digest('hex');
  }

  #quote(text: string): string {
    const { token, refreshToken } = this.#options;
    return withoutSecrets(text, [token, ...(refreshToken === null ? [] : [refreshToken])])
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
      .slice(0, 300);
  }
}

import { textOf } from '../../../text/json.ts';
import { SetupError } from '../../setup.ts';
import { type Answer, refusalText } from './web.ts';

/** The tokens of a login. */
export interface LoginTokens {
  readonly access: string;
  /** Null: the access token does not end. */
  readonly refresh: string | null;
  /** Of the OAuth 2.0 client; null: the homeserver itself logged us in. */
  readonly clientId: string | null;
  /** The password that it was with; null: it was with none. */
  readonly password: string | null;
}

/** Reads the tokens of an answer. Throws a `SetupError` if it has none. */
export function readTokens(answer: Answer, clientId: string | null): LoginTokens {
  const access = textOf(answer.body.access_token);
  if (answer.status !== 200 || access === null) throw new SetupError(`the login was refused (${refusalText(answer)})`);
  return { access, refresh: textOf(answer.body.refresh_token), clientId, password: null };
}

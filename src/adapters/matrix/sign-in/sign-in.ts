import { listOf, objectOf, textOf } from '../../../text/json.ts';
import { type NewAccount, SetupError, type SetupParts } from '../../setup.ts';
import { newStoreKey } from '../store-key.ts';
import { findHomeserver, homeserverTrouble } from './find-homeserver.ts';
import { makeRecoveryKey } from './recovery-key.ts';
import type { LoginTokens } from './tokens.ts';
import { createWeb, refusalText, type Web } from './web.ts';
import { findAuthServer, logInWithOAuth } from './with-oauth.ts';
import { logInWithPassword } from './with-password.ts';
import { logInWithSso } from './with-sso.ts';

/** Logs the bot in, in the way that its homeserver wants. */
export async function logIn(parts: SetupParts): Promise<NewAccount> {
  const web = createWeb(parts);
  try {
    const homeserver = await askHomeserver(web, parts);
    const tokens = await chooseWay(homeserver, web, parts);
    const name = await whose(tokens.access, homeserver, web);
    const hasKey = parts.kept.includes('recovery_key');
    const recovery = hasKey ? null : await makeRecoveryKey({ homeserver, account: name, tokens }, parts);
    return {
      name,
      settings: {
        homeserver,
        ...(tokens.refresh !== null && tokens.clientId !== null && { client_id: tokens.clientId }),
      },
      secrets: [
        { key: 'token', value: tokens.access },
        ...(tokens.refresh === null ? [] : [{ key: 'refresh_token', value: tokens.refresh }]),
        ...(recovery === null ? [] : [recovery]),
        ...(parts.kept.includes('store_key') ? [] : [{ key: 'store_key', value: newStoreKey() }]),
      ],
    };
  } finally {
    web.close();
  }
}

/** Asks for the homeserver and finds it; a person is asked again if it is not there. */
async function askHomeserver(web: Web, { questions, given, say }: SetupParts): Promise<string> {
  for (;;) {
    const written = await questions.ask({
      text: 'Homeserver (matrix.example.org, or the server in the bot’s name)',
      option: '--homeserver',
      given: textOf(given.homeserver) ?? undefined,
      check: homeserverTrouble,
    });
    try {
      const homeserver = await findHomeserver(written, web);
      if (homeserver !== written) say(`The homeserver is ${homeserver}.`);
      return homeserver;
    } catch (err) {
      if (!(err instanceof SetupError) || !questions.isPerson || given.homeserver !== undefined) throw err;
      say(`  ${err.message}`);
    }
  }
}

/** A password first, which needs no browser. */
async function chooseWay(homeserver: string, web: Web, parts: SetupParts): Promise<LoginTokens> {
  const offered = await web.get(`${homeserver}/_matrix/client/v3/login`);
  const flows = listOf(offered.body.flows).map((flow) => textOf(objectOf(flow).type));
  const wantsBrowser = parts.given.browser === true;
  if (flows.includes('m.login.password') && !wantsBrowser) return logInWithPassword(homeserver, web, parts);
  const authServer = await findAuthServer(homeserver, web);
  if (authServer !== null) return logInWithOAuth(authServer, web, parts);
  if (flows.includes('m.login.sso')) return logInWithSso(homeserver, web, parts);
  if (wantsBrowser) throw new SetupError(`${homeserver} has no login in a browser: leave --browser out`);
  throw new SetupError(`${homeserver} offers no login that Lookout knows (${refusalText(offered)})`);
}

/** Returns the account that a token is for. */
async function whose(token: string, homeserver: string, web: Web): Promise<string> {
  const answer = await web.get(`${homeserver}/_matrix/client/v3/account/whoami`, token);
  const name = textOf(answer.body.user_id);
  if (name === null)
    throw new SetupError(`${homeserver} does not take the token that it just gave (${refusalText(answer)})`);
  return name;
}

import { textOf } from '../../../text/json.ts';
import { readTextFile } from '../../../text/read-text-file.ts';
import { sleep } from '../../../time/clock.ts';
import { type Questions, SetupError, type SetupParts } from '../../setup.ts';
import { user as userId } from '../ids.ts';
import { type LoginTokens, readTokens } from './tokens.ts';
import { type Answer, refusalText, type Web } from './web.ts';

const MOST_PASSWORD_BYTES = 4_096;
/** Number of passwords that a person may try. */
const MOST_ATTEMPTS = 3;
/** Longest wait that a homeserver may ask for before another attempt, ms. */
const LONGEST_WAIT_MS = 120_000;

/** The name of the session in the account's list of devices. */
export const deviceName = 'Lookout';

/** Logs in with a user and a password: https://spec.matrix.org/v1.18/client-server-api/#password-based */
export async function logInWithPassword(homeserver: string, web: Web, parts: SetupParts): Promise<LoginTokens> {
  const { questions, given } = parts;
  const user = await questions.ask({
    text: "The bot's user name",
    option: '--user',
    given: textOf(given.user) ?? undefined,
    check: (text) => (/^@/.test(text) && !userId.isId(text) ? 'write lookout or @lookout:example.org' : null),
  });
  const file = textOf(given.passwordFile);
  for (let attempt = 1; ; attempt++) {
    const password = file === null ? await askPassword(questions) : readPassword(file);
    const identifier = { type: 'm.id.user', user };
    const answer = await postLogin(homeserver, web, parts, { type: 'm.login.password', identifier, password });
    const isWrong = answer.status === 403 && answer.body.errcode === 'M_FORBIDDEN';
    if (isWrong && questions.isPerson && file === null && attempt < MOST_ATTEMPTS) {
      parts.say(`${homeserver} does not take this user with this password.`);
      continue;
    }
    if (isWrong)
      throw new SetupError(`${homeserver} does not take this user with this password (${refusalText(answer)})`);
    const tokens = await withRefresh(answer, homeserver, web, parts, {
      type: 'm.login.password',
      identifier,
      password,
    });
    return { ...tokens, password };
  }
}

const askPassword = (questions: Questions) => questions.askSecret({ text: 'Its password', option: '--password-file' });

/** Returns the password in a file. Unlike a token it may have any characters in it. */
function readPassword(file: string): string {
  const read = readTextFile(file, MOST_PASSWORD_BYTES);
  if (read.outcome === 'unreadable') throw new SetupError(`${file}: ${read.wrong}: ${read.right}`);
  const password = read.text.replace(/\r?\n$/, '');
  if (password === '') throw new SetupError(`${file}: the file is empty: put the password into it, and nothing else`);
  return password;
}

/** Logs in with the token that a browser brought back; it is good once. */
export async function logInWithLoginToken(
  token: string,
  homeserver: string,
  web: Web,
  parts: SetupParts,
): Promise<LoginTokens> {
  // The refresh token is asked for at once: there is no second login without the browser.
  const answer = await postLogin(homeserver, web, parts, { type: 'm.login.token', token, refresh_token: true });
  return readTokens(answer, null);
}

/**
 * A homeserver that ends tokens says so in its answer; then the same device gets tokens that can be renewed. Synapse ends
 * renewable tokens sooner than others, so none is asked for before.
 */
async function withRefresh(
  answer: Answer,
  homeserver: string,
  web: Web,
  parts: SetupParts,
  body: Readonly<Record<string, unknown>>,
): Promise<LoginTokens> {
  const tokens = readTokens(answer, null);
  if (typeof answer.body.expires_in_ms !== 'number' || tokens.refresh !== null) return tokens;
  const device = textOf(answer.body.device_id);
  const same = { ...body, refresh_token: true, ...(device !== null && { device_id: device }) };
  return readTokens(await postLogin(homeserver, web, parts, same), null);
}

/** Posts a login; waits once if the homeserver asks for it. */
async function postLogin(
  homeserver: string,
  web: Web,
  { clock, signal, say }: SetupParts,
  body: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const url = `${homeserver}/_matrix/client/v3/login`;
  const named = { ...body, initial_device_display_name: deviceName };
  const answer = await web.postJson(url, named);
  const wait = answer.body.retry_after_ms;
  if (answer.status !== 429 || typeof wait !== 'number' || wait > LONGEST_WAIT_MS) return answer;
  say(`${homeserver} takes another login in ${Math.ceil(wait / 1_000)} s; waiting …`);
  await sleep(clock, wait, signal);
  return web.postJson(url, named);
}

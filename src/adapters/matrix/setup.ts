import type { PlatformSetup } from '../setup.ts';

/** `lookout login matrix`. */
export const matrixSetup: PlatformSetup = {
  options: [
    { flags: '--homeserver <server>', says: "the homeserver's URL, or the server in the bot's name (example.org)" },
    { flags: '--user <name>', says: "the bot's user name: lookout, or @lookout:example.org" },
    { flags: '--password-file <file>', says: 'a file with its password and nothing else' },
    { flags: '--browser', says: 'log in on a page in a browser, even if the homeserver takes passwords' },
    { flags: '--client-id <id>', says: 'the OAuth 2.0 client that the homeserver’s admin made for Lookout' },
  ],
  secrets: ['token', 'refresh_token'],
  madeOnce: ['recovery_key', 'store_key'],
  roomHelp: 'its address #alias:server, or its id !…, both in the room’s settings: General, and Advanced',
  async logIn(parts) {
    const { logIn } = await import('./sign-in/sign-in.ts');
    return logIn(parts);
  },
};

import type { PlatformSetup } from '../setup.ts';

/** `lookout login discord`. */
export const discordSetup: PlatformSetup = {
  options: [{ flags: '--api <url>', says: "Discord's API, another server that speaks it, or a proxy" }],
  secrets: ['token'],
  madeOnce: [],
  roomHelp: 'its id: Settings, Advanced, Developer Mode; then right-click the channel or thread, Copy Channel ID',
  async logIn(parts) {
    const { logIn } = await import('./sign-in.ts');
    return logIn(parts);
  },
};

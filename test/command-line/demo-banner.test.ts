import { expect, it } from 'vitest';
import { demoBanner } from '../../src/command-line/run-command.ts';
import { read } from '../config/config-files.ts';

const bannerOf = (text: string) => {
  const { config } = read(text);
  if (config === null) throw new Error('the configuration is wrong');
  return demoBanner(config, false);
};
const rest = 'subscriptions: [{ events: posts, rooms: smoke }]\n';

it('the banner of the demo says that nothing leaves the terminal only where that is so', () => {
  const harmless = bannerOf(`source: { url: demo }\nstore: memory\nrooms: { smoke: "console:smoke" }\n${rest}`);
  expect(harmless).toContain('no account, no network, nothing stored');
  expect(harmless).toContain('/smoke status for the room smoke');
  const real = bannerOf(
    `source: { url: demo }\nstore: "sqlite:a.db"\nchats: { discord: { token: "${'x'.repeat(24)}.abcdef.${'y'.repeat(30)}" } }\n` +
      `rooms: { smoke: "discord:123456789012345678" }\n${rest}`,
  );
  expect(real).toMatch(/The source is demo: made-up events go to smoke, and are stored in .*a\.db\./);
  expect(real).not.toContain('no account');
});

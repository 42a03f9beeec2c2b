import { expect, it } from 'vitest';
import { demoBanner } from '../../src/command-line/demo-banner.ts';
import { read } from '../config/config-files.ts';

const bannerOf = (text: string, isCheckout?: boolean) => {
  const { config } = read(text);
  if (config === null) throw new Error('the configuration is wrong');
  return demoBanner(config, false, isCheckout);
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

it('the banner of the demo names the commands as they are typed in a checkout and after an installation', () => {
  const demo = `source: { url: demo }\nstore: memory\nrooms: { smoke: "console:smoke" }\n${rest}`;
  expect(bannerOf(demo)).toMatch(
    /1\. npx lookout init {6}asks .*\n.*2\. npx lookout check {5}reports .*\n.*3\. npm start {13}runs /,
  );
  expect(bannerOf(demo, false)).toMatch(
    /1\. lookout init {10}asks .*\n.*2\. lookout check {9}reports .*\n.*3\. lookout run {11}runs /,
  );
});

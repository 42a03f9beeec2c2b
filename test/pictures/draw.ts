/**
 * Draws docs/rooms.png, the same sample events on Discord, in a Matrix room and in Lookout's terminal, and docs/cards.png, a
 * card in its stages, and docs/init.png, docs/explain.png and docs/render.png, those commands on a terminal. `npm run pictures`;
 * `npm run pictures cards` draws that one alone. All but the first need no homeserver.
 *
 * Nothing in them is made up but the events: Lookout runs between servers on loopback. In rooms.png one is a real homeserver, and
 * the picture shows what came to the terminal and what the other account in the room reads; all other servers are those of the
 * tests, which behave as Discord and a homeserver do, and the pictures show what their APIs would. `--help` says what it needs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { takePicture } from '../../src/pictures/take-picture.ts';
import { synapsePython } from '../e2e/support/needs.ts';
import { cardsPage } from './cards-page.ts';
import { roomsPage } from './rooms-page.ts';
import { showCards } from './show-cards.ts';
import { explainPage, initPage, renderPage } from './show-commands.ts';
import { showEvents } from './show-events.ts';
import { quantiser, withPalette } from './with-palette.ts';

/** Widths in CSS pixels. GitHub shows a README some 900 wide. */
const pictures = {
  rooms: { width: 1240, html: async () => roomsPage(await showEvents()) },
  cards: { width: 1000, html: async () => cardsPage(await showCards()) },
  init: { width: 1240, html: initPage },
  explain: { width: 1240, html: explainPage },
  render: { width: 1240, html: renderPage },
};

const browser = process.env.CHROMIUM ?? '/usr/bin/chromium';
const names = Object.keys(pictures);
const usage = `Usage: npm run pictures [-- <name>]

Draws the pictures of README and docs from real runs, or one of them: ${names.join(', ')}.

It needs Chromium (CHROMIUM names one elsewhere than at /usr/bin/chromium) and pngquant, and for rooms Synapse. On Debian:

  bash .ci/install-servers
  sudo apt-get install chromium pngquant fonts-inter fonts-jetbrains-mono fonts-noto-color-emoji bsdutils
`;

const [only] = process.argv.slice(2);
if (only === '--help' || only === '-h') {
  process.stdout.write(usage);
  process.exit(0);
}
if (only !== undefined && !names.includes(only)) {
  console.error(`there is no picture "${only}"\n\n${usage}`);
  process.exit(2);
}
const missing = [
  ...(existsSync(browser) ? [] : [`Chromium at ${browser}`]),
  ...(spawnSync(quantiser, ['--version']).error === undefined ? [] : [quantiser]),
  ...((only !== undefined && only !== 'rooms') || existsSync(synapsePython())
    ? []
    : [`Synapse for ${synapsePython()}`]),
];
if (missing.length > 0) {
  console.error(`missing on this machine: ${missing.join(', ')}\n\n${usage}`);
  process.exit(2);
}
for (const [name, { width, html }] of Object.entries(pictures)) {
  if (only !== undefined && only !== name) continue;
  const file = fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url));
  const png = withPalette(await takePicture(await html(), { width, browser: process.env.CHROMIUM ?? null }));
  await writeFile(file, png);
  console.log(`${file}: ${Math.round(png.length / 1000)} kB`);
}

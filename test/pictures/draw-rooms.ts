/**
 * Draws docs/rooms.png: the same sample events on Discord, in a Matrix room and in Lookout's terminal. `npm run pictures`.
 *
 * Nothing in it is made up but the sample events: Lookout runs between a hub and a real homeserver, and the picture shows what
 * came to its terminal, what the other account in the room reads, and what Discord's API would show of the channel (a server of the
 * tests stands in for it). Needs, on Debian:
 *
 *     bash .ci/install-servers
 *     sudo apt-get install chromium pngquant fonts-inter fonts-jetbrains-mono fonts-noto-color-emoji bsdutils
 *
 * CHROMIUM names a browser elsewhere than at /usr/bin/chromium.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { page } from './page.ts';
import { showEvents } from './show-events.ts';
import { takePicture } from './take-picture.ts';

const file = fileURLToPath(new URL('../../docs/rooms.png', import.meta.url));

const png = await takePicture(page(await showEvents()), 1240);
await writeFile(file, png);
console.log(`${file}: ${Math.round(png.length / 1000)} kB`);

#!/usr/bin/env node
// Plain JavaScript, so that every Node can read it and say what is wrong with itself.
import { existsSync } from 'node:fs';

const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);
const sources = new URL('./main.ts', import.meta.url);
const built = new URL('../dist/main.js', import.meta.url);

if (major < NEEDED) {
  process.stderr.write(
    `lookout needs Node ${NEEDED} or newer, this is ${process.versions.node}. ` +
      'In a checkout `npm ci` brings one: run `npm start` or `npx lookout …`, which use it.\n',
  );
  process.exitCode = 2;
} else {
  // Node does not run TypeScript under node_modules: there the package has its built form.
  const { main } = await import((existsSync(built) && !existsSync(sources) ? built : sources).href);
  await main(process.argv, process.env);
}

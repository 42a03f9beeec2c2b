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
  // Loading takes half a second. Whoever ends by a signal ends well at a signal in that time too: nothing runs yet.
  const signals = ['run', 'hub'].includes(process.argv[2] ?? '') ? ['SIGINT', 'SIGTERM'] : [];
  const leave = () => process.exit(0);
  for (const signal of signals) process.on(signal, leave);
  // Node does not run TypeScript under node_modules: there the package has its built form.
  const { main } = await import((existsSync(built) && !existsSync(sources) ? built : sources).href);
  // A signal that came while modules were read is told in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  await main(process.argv, process.env, () => {
    for (const signal of signals) process.off(signal, leave);
  });
}

#!/usr/bin/env node
// Plain JavaScript in the syntax of Node 18: a Node that is too old for the program starts the one that npm installed.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { whenNpmEnds } from './launcher/end-with-npm.js';
import { findNode } from './launcher/find-node.js';
import { endWithLauncher, startOn } from './launcher/start-on.js';

const node = findNode();
switch (node.use) {
  case 'running':
    await run();
    break;
  case 'installed':
    startOn(node.file, [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], (end) =>
      whenNpmEnds(process.env, end),
    );
    break;
  case 'none':
    process.stderr.write(`${node.message}\n`);
    process.exitCode = 2;
}

async function run() {
  const sources = new URL('./main.ts', import.meta.url);
  const built = new URL('../dist/main.js', import.meta.url);
  // Loading takes half a second. `run` and `hub` end well at a signal in that time too: nothing runs yet.
  const words = process.argv.slice(2);
  const command = words.find((word, at) => !word.startsWith('-') && !['-c', '--config'].includes(words[at - 1] ?? ''));
  const runsOn = command === 'run' || command === 'hub';
  const signals = runsOn ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : [];
  const leave = () => process.exit(0);
  for (const signal of signals) process.on(signal, leave);
  endWithLauncher();
  if (runsOn) whenNpmEnds(process.env, () => process.kill(process.pid, 'SIGTERM'));
  // Node does not run TypeScript under node_modules: there the package has its built form.
  const { main } = await import((existsSync(built) && !existsSync(sources) ? built : sources).href);
  // A signal that came while modules were read is told in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  await main(process.argv, process.env, () => {
    for (const signal of signals) process.off(signal, leave);
  });
}

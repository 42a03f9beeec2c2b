#!/usr/bin/env node
// Plain JavaScript in the syntax of Node 18: a Node that is too old for the program starts the one that npm installed.
import { existsSync } from 'node:fs';
import * as module from 'node:module';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { whenNpmEnds } from './launcher/end-with-npm.js';
import { findNode } from './launcher/find-node.js';
import { endWithLauncher, startOn } from './launcher/start-on.js';

/**
 * Limits the heap of short-lived objects, MB. By default Node lets it grow to a third of the memory of an idle Lookout
 * (measured on Node 26: 157 MB, with this limit 144 MB).
 * https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib
 */
const heapOption = '--max-semi-space-size=4';
const words = process.argv.slice(2);
const command = words.find((word, at) => !word.startsWith('-') && !['-c', '--config'].includes(words[at - 1] ?? ''));
const staysUp = command === 'run' || command === 'hub';
const hasHeapOption = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ').includes('-semi-space-size');
const wantsHeapOption = staysUp && !hasHeapOption;
const options = wantsHeapOption ? [heapOption, ...process.execArgv] : process.execArgv;
const args = [...options, fileURLToPath(import.meta.url), ...words];

const node = findNode();
switch (node.use) {
  case 'running':
    // Only if that takes no second process.
    if (!wantsHeapOption || !('execve' in process)) await run();
    else startOn(process.execPath, args);
    break;
  case 'installed':
    startOn(node.file, args, (end) => whenNpmEnds(process.env, end));
    break;
  case 'none':
    process.stderr.write(`${node.message}\n`);
    process.exitCode = 2;
}

async function run() {
  // Reuse compiled code, without types, at the next start, which is then faster and takes 25 MB less. Does nothing if
  // the cache cannot be written.
  if ('enableCompileCache' in module)
    module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/lookout', import.meta.url)));
  const sources = new URL('./main.ts', import.meta.url);
  const built = new URL('../dist/main.js', import.meta.url);
  // Loading takes half a second. A signal in that time ends `run` and `hub` with success, because nothing runs yet. Without a
  // terminal SIGHUP asks for a reload, and what is loaded now is the newest.
  const hasTerminal = isatty(0) || isatty(1) || isatty(2);
  const signals = staysUp ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : [];
  /** @param {NodeJS.Signals} signal */
  const leave = (signal) => {
    if (signal !== 'SIGHUP' || hasTerminal) process.exit(0);
  };
  for (const signal of signals) process.on(signal, leave);
  endWithLauncher();
  if (staysUp) whenNpmEnds(process.env, () => process.kill(process.pid, 'SIGTERM'));
  // Node does not run TypeScript under node_modules: there the package has its built form.
  const { main } = await import((existsSync(built) && !existsSync(sources) ? built : sources).href);
  // A signal that came while modules were read is delivered in the next turn.
  await new Promise((resolve) => setImmediate(resolve));
  await main(process.argv, process.env, () => {
    for (const signal of signals) process.off(signal, leave);
  });
}

// `node src/launcher/run-tool.js <tool or file> <arguments>`: runs the tool of an npm script with the Node that Lookout
// runs on.
import { fileURLToPath } from 'node:url';
import { findNode } from './find-node.js';
import { startOn } from './start-on.js';

const [tool = '', ...args] = process.argv.slice(2);
const file = /\.[jt]s$/.test(tool) ? tool : fileURLToPath(new URL(`../../node_modules/.bin/${tool}`, import.meta.url));
const node = findNode();
if (node.use === 'none') {
  process.stderr.write(`${node.message}\n`);
  process.exitCode = 2;
} else startOn(node.use === 'running' ? process.execPath : node.file, [file, ...args]);

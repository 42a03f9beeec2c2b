import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chooseNode, packageFor } from './choose-node.js';

/**
 * The program loader of glibc, which the Node in npm's packages requires: without it (for example on Alpine) that Node
 * cannot start. https://sourceware.org/glibc/wiki/ABIList
 */
const loaders = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'];

/** Chooses the Node that runs the program on this machine. */
export function findNode() {
  const { platform, arch, versions, execPath } = process;
  const wanted = packageFor({ platform, arch, hasGlibc: loaders.some((file) => existsSync(file)) });
  return chooseNode({
    version: versions.node,
    running: execPath,
    machine: `${platform}-${arch}`,
    wanted,
    installed: wanted === null ? null : nodeIn(wanted),
    home: fileURLToPath(new URL('../..', import.meta.url)),
  });
}

/**
 * Returns the Node in an installed package. This checks the package's folder, not `node_modules/.bin/node`, which npm
 * up to 10 removes together with the packages of other machines (seen with 9.9.4 and 10.8.2).
 *
 * @param {string} name
 * @returns {string | null}
 */
function nodeIn(name) {
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/node`);
  } catch {
    return null;
  }
}

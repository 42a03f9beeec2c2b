import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodePackages } from '../../../src/launcher/choose-node.js';

/** The version of Synapse for which the tests were written. `.ci/install-servers` installs the same. */
const synapseVersion = '1.163.2';

const ownPython = fileURLToPath(new URL('../../../.e2e/synapse/bin/python', import.meta.url));

/** Returns the Python with Synapse: `LOOKOUT_SYNAPSE_PYTHON`, or the one that `.ci/install-servers` puts under `.e2e`. */
export function synapsePython(): string {
  return process.env.LOOKOUT_SYNAPSE_PYTHON ?? ownPython;
}

function works(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore', timeout: 60_000 }).status === 0;
}

/** Returns the requirements of the end-to-end tests that this machine lacks, each with the commands that install it. */
function missing(needsSynapse: boolean): string[] {
  const found: string[] = [];
  if (
    !works('ruby', [
      '-e',
      "require 'rails'; require 'action_cable/engine'; require 'action_controller/railtie'; require 'puma'",
    ])
  )
    found.push(
      [
        'Rails Action Cable and Puma, for Ruby. On Debian or Ubuntu:',
        '    sudo apt-get install -y --no-install-recommends ruby-actioncable ruby-railties puma ruby-sqlite3',
      ].join('\n'),
    );
  const python = synapsePython();
  if (needsSynapse && (!existsSync(python) || !works(python, ['-c', 'import synapse'])))
    found.push(
      [
        `Synapse, a Matrix homeserver, for ${python}:`,
        '    python3 -m venv .e2e/synapse',
        `    .e2e/synapse/bin/pip install matrix-synapse==${synapseVersion}`,
        '  or name a Python that has it: LOOKOUT_SYNAPSE_PYTHON=/path/to/bin/python',
      ].join('\n'),
    );
  return found;
}

/**
 * Fails, with the commands that help, if a server is missing. It never skips: a test that did not run has not passed,
 * neither here nor in CI.
 */
export function requireServers({ needsSynapse = true } = {}): void {
  const found = missing(needsSynapse);
  if (found.length === 0) return;
  const list = found.map((one) => `- ${one}`).join('\n');
  throw new Error(
    `These tests run against real servers, and something is missing on this machine:\n${list}\nAll of it at once (Debian, Ubuntu): bash .ci/install-servers`,
  );
}

/** Returns the file of a Node: the one in npm's packages, of 24 in `.e2e` and of 26 beside Lookout's own dependencies. */
export function nodeOfMajor(major: number): string {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const machine = `${process.platform}-${process.arch}`;
  const name = Object.entries(nodePackages).find(([one]) => one === machine)?.[1];
  const folder = major === 26 ? root : `${root}.e2e/node-${major}/`;
  const file = `${folder}node_modules/${name}/bin/node`;
  const { stdout } = spawnSync(file, ['--version'], { encoding: 'utf8' });
  if (stdout?.startsWith(`v${major}.`)) return file;
  throw new Error(`This test runs on Node ${major}, and ${file} is not one: bash .ci/install-servers installs it`);
}

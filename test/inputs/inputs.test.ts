import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadPlatform } from '../../src/adapters/author/load-platform.ts';
import { platforms } from '../../src/adapters/platforms.ts';
import { safeguards } from '../../src/app/safeguards.ts';
import { startApp } from '../../src/app/start-app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { inputs as ours } from '../../src/inputs/inputs.ts';
import { silentLevel, silentLog } from '../../src/log.ts';
import { createCatalogue } from '../../src/metasmoke/catalogue.ts';
import { systemClock } from '../../src/time/clock.ts';
import { folderWith } from '../config/config-files.ts';
import { until } from '../support/until.ts';
import { tickets } from './tickets/input.ts';

const root = fileURLToPath(new URL('../../src', import.meta.url));

/** Files and folders that may name a model beside those of metasmoke, and why. */
const exceptions: Readonly<Record<string, string>> = {
  'metasmoke/': 'it is metasmoke',
  'hub/': 'the server of the same API, and its sample events',
  'store/migrations/': 'they are never changed',
  'render/names.ts': 'the names that templates use',
  'catalogue/subject.ts': 'a value of a column of reviews',
  'catalogue/detail-names.ts': 'the words of `details:` in the configuration; two of them are also models',
  'catalogue/fetched-post.ts': 'the same words',
  'ingest/details/want-details.ts': 'the same words',
  'inputs/details/post-answer.ts': 'the same words',
  'command-line/render.ts': 'the sample that is drawn when none is named',
  'trial/read-event.ts': 'the example of an event in an error',
  'router/condition-meant.ts': 'a field of the subject that is also a model',
};

it('no file outside metasmoke/ names a model of metasmoke', () => {
  // `source` is ours; the others are words of plain English, too.
  const plain = new Set(['source', 'ref', 'sites', 'reasons', 'roles', 'users', 'announcements']);
  const models = createCatalogue().names.filter((name) => !plain.has(name));
  const classes = models.map((name) => createCatalogue().model(name)?.class);
  const literal = new RegExp(`(['"\`])(?:${[...models, ...classes].join('|')})(?:#|\\1)`);
  const comment = /^\s*(?:\/\/|\/?\*).*$/gm;
  const naming = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => literal.test(readFileSync(join(root, file), 'utf8').replaceAll(comment, '')));
  const allowed = Object.keys(exceptions);
  expect(naming.filter((file) => !allowed.some((name) => file.startsWith(name)))).toEqual([]);
  expect(allowed.filter((name) => !naming.some((file) => file.startsWith(name)))).toEqual([]);
});

describe('a kind of source that is added', () => {
  const extensions = { platforms, inputs: [...ours, tickets], loadPlatform } as const;
  const load = (yaml: string) => {
    const file = join(folderWith({}), 'config.yaml');
    writeFileSync(file, yaml, { mode: 0o600 });
    const { config, problems } = loadConfig(file, {}, extensions);
    return { config, said: problems.map((problem) => formatProblem(problem).replace(/^.*config\.yaml:/, '')) };
  };
  const configuration = (url: string, more = '') =>
    `source: { kind: tickets, url: "${url}", key: secret-key }\nstore: memory\n` +
    'rooms: { team: { to: "console:team", waves: off } }\n' +
    `subscriptions:\n  - { events: tickets, rooms: team, card: true }\n  - { events: "tickets#confirmed", rooms: team }\n${more}`;

  it('has its models in the diagnostics', () => {
    expect(load(configuration('https://a.b', '  - { events: posts#create, rooms: team }\n')).said).toEqual([
      '7:15: unknown model "posts": one of tickets, verdicts',
    ]);
    expect(load(configuration('https://a.b').replace('tickets,', 'tikets,')).said[0]).toBe(
      '1:17: "tikets" is not a kind of source: did you mean tickets?',
    );
  });

  it('works from YAML to the delivered message: cards, votes and derived events included', async () => {
    let stream: ServerResponse | undefined;
    const server = createServer((_, response) => {
      stream = response;
      response.write('{"kind":"tickets","id":7,"title":"Buy pills"}\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      stream?.end();
      server.close();
    });
    const { config, said } = load(configuration(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
    expect(said).toEqual([]);
    let written = '';
    const write = async (text: string) => {
      written += text;
    };
    const app = await startApp({
      ...{
        config: config!,
        ...extensions,
        clock: systemClock,
        log: silentLog,
        logLevel: silentLevel,
        readConfig: null,
        version: 'test',
        safeguards,
      },
      ...{ write, color: false, columns: null, input: null },
    });
    try {
      await until(() => written.includes('Buy pills'));
      expect(written).toContain('https://tickets.test/7');
      stream?.write('{"kind":"verdicts","id":1,"post_id":7,"feedback_type":"tp","user_name":"Ann"}\n');
      await until(() => written.includes('tickets 7 confirmed') && /1 tp \(Ann\)/.test(written));
    } finally {
      await app.stop(1_000);
    }
  });
});

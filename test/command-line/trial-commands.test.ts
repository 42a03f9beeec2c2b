import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { CommandLine } from '../../src/command-line/command-line.ts';
import { explainCommand } from '../../src/command-line/explain-command.ts';
import { withOfflineConfig } from '../../src/command-line/offline-config.ts';
import { recordCommand } from '../../src/command-line/record-command.ts';
import { renderCommand } from '../../src/command-line/render-command.ts';
import { replayCommand } from '../../src/command-line/replay-command.ts';
import { createTerminal } from '../../src/command-line/terminal.ts';
import { folderWith } from '../config/config-files.ts';

const post =
  '{"at":"2026-01-02T12:00:00Z","event_type":"create","event_class":"Post","object":{"id":1,"title":"Pills"}}';
const config = `source: { url: "wss://metasmoke.erwaysoftware.com/cable", key: "\${METASMOKE_KEY}" }
chats: { discord: { token: "\${DISCORD_TOKEN}" } }
store: memory
rooms: { smoke: "discord:123456789012345678" }
subscriptions: [{ events: posts#create, rooms: [smoke] }]
`;
const files = {
  'config.yaml': config,
  'demo.yaml': config.replace(/source: .*/, 'source: { url: demo }'),
  'encrypted.yaml': config
    .replace(
      '} }',
      `}, matrix: { homeserver: https://a.example, token: "\${A}", store_key: "\${B}", recovery_key: "\${C}" } }`,
    )
    .replace('memory', 'sqlite:lookout.db'),
  'one.jsonl': `${post}\n`,
  'empty.jsonl': '\n',
  'bad.jsonl': [...Array(16).fill(post), '{"a":', ''].join('\n'),
  'met.yaml': '- { line: 1, rooms: [smoke] }',
  'unmet.yaml': '- { line: 1, rooms: [] }',
  'wrong.yaml': '- { line: 1, rooms: [smok] }',
  'my-templates/mine.hbs': '{{object.title}} here',
};

let folder: string;
let out: string;
let err: string;
beforeEach(() => {
  folder = folderWith(files);
  out = '';
  err = '';
});
const named = (name: string) => join(folder, name);

function lineOf(): CommandLine {
  const known = { errIsTerminal: false, outIsTerminal: false, errColor: false, outColor: false, outColumns: null };
  const terminal = createTerminal({
    ...known,
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      err += text;
    },
  });
  const write = async (text: string) => {
    out += text;
  };
  const part = { environment: {}, terminal, version: 'test', write, onSignal() {}, end() {} };
  return part as unknown as CommandLine;
}

const offline = (work: Parameters<typeof withOfflineConfig>[2], file = 'config.yaml') =>
  withOfflineConfig(lineOf(), named(file), work);
const explain = (said: { file?: string; sample?: string; expect?: string; json?: boolean }) =>
  offline((loaded) => {
    const { file, sample = null, expect: expected, json = false } = said;
    const where = { file: file === undefined ? null : named(file), sample };
    return explainCommand(
      loaded,
      { ...where, expect: expected === undefined ? null : named(expected), json, store: true },
      lineOf(),
    );
  });
const render = (template: string, said: { sample?: string; as?: 'text' | 'json'; room?: string; out?: string } = {}) =>
  offline((loaded) => {
    const { sample = null, as = 'text', room = null, out: to = null } = said;
    const where = { file: sample === null ? named('one.jsonl') : null, sample };
    return renderCommand(loaded, { ...where, template, platform: null, room, as, out: to }, lineOf());
  });

describe('lookout explain', () => {
  it('needs no token, and prints the rooms of each event', async () => {
    expect(await explain({ file: 'one.jsonl' })).toBe(0);
    expect(out).toMatch(
      /^line 1: posts#create post:1, 2026-01-02T12:00:00.000Z\n {2}smoke {2}yes: by \w+ \(line 5\), template post\n$/,
    );
    expect(err).toBe('');
  });

  it('needs no key of a store and no recovery key', async () => {
    expect(await offline(async ({ chats }) => (chats.matrix === null ? 1 : 0), 'encrypted.yaml')).toBe(0);
    expect(err).toBe('');
  });

  it('takes a room from .env, though another variable is not set', async () => {
    folder = folderWith({ ...files, '.env': 'ROOM=87654321', 'config.yaml': config.replace('12345678"', `\${ROOM}"`) });
    expect(await offline(async ({ rooms }) => (rooms[0]!.address.endsWith('87654321') ? 0 : 1))).toBe(0);
  });

  it('prints one JSON document for programs', async () => {
    expect(await explain({ file: 'one.jsonl', json: true })).toBe(0);
    expect(JSON.parse(out)).toMatchObject([{ line: 1, event: 'posts#create', rooms: [{ room: 'smoke', gets: true }] }]);
  });

  it('explains a sample, also one that is derived', async () => {
    expect(await explain({ sample: 'posts#create' })).toBe(0);
    expect(out).toMatch(/^line 1: posts#create post:\d+/);
    expect(await explain({ sample: 'posts#confirmed' })).toBe(0);
    expect(err).toBe('--sample posts#confirmed: no subscription names it, so it is not derived: no room gets it\n');
  });

  it.each([
    ['met.yaml', 0, '', '1 expectation met\n'],
    ['unmet.yaml', 1, ': line 1: posts#create post:1\n+ smoke  (yes: by ', '1 of 1 expectation not met\n'],
    ['wrong.yaml', 2, '', 'unknown room "smok": did you mean smoke?\n'],
    ['none.yaml', 2, '', 'none.yaml: the file does not exist: check the path\n'],
  ])('compares with expectations: %s', async (file, code, printed, told) => {
    expect(await explain({ file: 'one.jsonl', expect: file })).toBe(code);
    expect(out).toContain(printed);
    expect(err).toContain(told);
  });

  it.each([
    ['bad.jsonl', 'bad.jsonl: line 17 is not JSON: '],
    ['empty.jsonl', 'empty.jsonl: the file is empty: write one event in each line, as `lookout record` does\n'],
    ['none.jsonl', 'none.jsonl: the file does not exist: check the path\n'],
    ['my-templates', 'templates: this is a folder: name a file of events in it\n'],
  ])('refuses %s', async (file, told) => {
    expect(await explain({ file })).toBe(2);
    expect(err).toContain(told);
  });

  it.each([
    ['posts#crate', '--sample posts#crate: unknown type "crate": did you mean posts#create?\n'],
    ['api_keys#create', '--sample api_keys#create: there is no such sample: '],
  ])('refuses the unknown sample %s, with the near ones', async (sample, told) => {
    expect(await explain({ sample })).toBe(2);
    expect(err).toContain(told);
  });
});

describe('lookout render', () => {
  it('warns of a field that the model of the event does not have', async () => {
    folder = folderWith({ ...files, 'my-templates/mine.hbs': 'a {{object.titel}}' });
    expect(await render('mine')).toBe(0);
    expect(err).toMatch(/mine\.hbs:1:\d+: warning: posts have no field "titel": did you mean title\?\n$/);
  });

  it('says which folder is missing for the file that it writes', async () => {
    const to = named('none/a.txt');
    expect(await render('mine', { out: to })).toBe(1);
    expect(err).toBe(`the folder of ${to} is not there: make it: mkdir -p ${named('none')}\n`);
  });

  it('prints a template of your own with an event', async () => {
    expect(await render('mine', { room: 'smoke' })).toBe(0);
    expect(out).toContain('Pills here\n');
    expect(await render('mine', { room: 'smoke', as: 'json' })).toBe(0);
    expect(out).toContain('"description": "Pills here');
  });

  it.each([
    ['mien', {}, 'there is no template "mien": did you mean mine?\n'],
    ['mine', { room: 'smok' }, '--room: there is no room "smok": did you mean smoke? The rooms are smoke\n'],
    ['mine', { sample: 'posts#delete' }, '--sample posts#delete: '],
  ])('refuses %s %o', async (template, said, told) => {
    expect(await render(template, said)).toBe(2);
    expect(err).toContain(told);
  });
});

describe('lookout replay', () => {
  const replay = (file: string, dryRun: boolean) =>
    offline((loaded) => replayCommand(loaded, { file: named(file), speed: 1_000, dryRun, store: true }, lineOf()));

  it('counts, or shows the messages', async () => {
    expect(await replay('one.jsonl', true)).toBe(0);
    expect(out).toBe('1 event\n  smoke: 1 event in 1 message\n');
    expect(await replay('one.jsonl', false)).toBe(0);
    expect(out).toMatch(/smoke, 12:\d\d:\d\d\n▌ 🚨 Pills/);
  });

  it('refuses a line that is not JSON', async () => {
    expect(await replay('bad.jsonl', true)).toBe(2);
    expect(err).toContain('bad.jsonl: line 17 is not JSON');
  });
});

describe('lookout record', () => {
  const record = (events: string | null, count: number) =>
    offline((loaded) => recordCommand(loaded, { events, cut: null, count }, lineOf()), 'demo.yaml');

  it('writes events as lines that replay reads', async () => {
    expect(await record(null, 1)).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ at: expect.any(String), event_class: 'Post', event_type: 'create' });
    expect(err).toMatch(/1 event recorded\n$/);
  });

  it('refuses an unknown model', async () => {
    expect(await record('post', 1)).toBe(2);
    expect(err).toBe('--events post: unknown model "post": did you mean posts?\n');
  });
});

import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { extensions } from '../../src/command-line/extensions.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/config/problem.ts';
import { folderWith, good, head, read } from './config-files.ts';

describe('loading a configuration', () => {
  it.each([
    ['', true],
    ['greet: on\n', true],
    ['greet: off\n', false],
  ])('greets rooms that invite the bot, unless it says otherwise: %j', (line, greets) => {
    expect(read(`${good}${line}`).config?.greets).toBe(greets);
  });

  it('answers a value that is not one of a few with those that there are', () => {
    const { said } = read(`${good}greet: of\n`);
    expect(said.join()).toMatch(/"of" is not a value of "greet": write on or off/);
  });

  it.each([
    ['posts#autoflagged_false_positive', true],
    ['posts#create;posts#deleted', false],
  ])('warns of quiet hours that let only events through which the room does not get: %s', (except, warns) => {
    const { said } = read(
      'source: { url: demo }\nstore: memory\n' +
        `rooms: { hq: { to: "console:hq", quiet: { at: "22:00-07:00", except: "${except}" } } }\n` +
        'subscriptions: [{ events: posts#create, rooms: hq }]\n',
    );
    expect(said.filter((line) => line.includes('"except" lets nothing through'))).toHaveLength(warns ? 1 : 0);
  });

  it('gives it frozen, all the way down', () => {
    const { config } = read(good);
    expect(config).not.toBeNull();
    expect(() => {
      (config as { file: string }).file = 'x';
    }).toThrow(TypeError);
    for (const part of [
      config,
      config?.source,
      config?.store,
      config?.chats,
      config?.rooms,
      config?.rooms[0],
      config?.subscriptions[0],
      config?.subscriptions[0]?.rooms,
      config?.hub,
      config?.secrets,
      config?.source.models,
    ]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  it('tells everything that is wrong at once, in the order of the file', () => {
    const { config, said } = read(
      `${good}hub: { prot: 1 }\n  \nsoruce: 1\n`.replace('console:hq', 'consol:hq').replace('posts', 'postz'),
    );
    expect(config).toBeNull();
    expect(said.map((line) => line.split(': ')[0])).toEqual(['4:7', '6:13', '8:8', '10:1']);
  });

  it('lets warnings pass', () => {
    const { config, problems } = read(head);
    expect(problems.map(({ severity }) => severity)).toEqual(['warning']);
    expect(config).not.toBeNull();
  });

  it('reads whether the hub serves the legacy streams, which it does not by default', () => {
    const legacy = ['', 'hub: {}\n', 'hub: { legacy: true }\n'].map((hub) => read(good + hub).config?.hub.legacy);
    expect(legacy).toEqual([false, false, true]);
  });

  it('keeps an unused room', () => {
    const { config, said } = read(good.replace('  hq: console:hq', '  hq: console:hq\n  spare: console:spare'));
    expect(said).toEqual([]);
    expect(config?.rooms.map(({ name }) => name)).toEqual(['hq', 'spare']);
  });

  it.each([
    ['with a byte order mark', `\uFEFF${good}`],
    ['with line breaks of Windows', good.replaceAll('\n', '\r\n')],
    ['without a line break at its end', good.trimEnd()],
    ['with a document start and end', `---\n${good}...\n`],
  ])('takes a file %s', (_, text) => {
    expect(read(text).said).toEqual([]);
  });

  it('counts columns as an editor does, also behind a byte order mark and after signs beyond the first plane', () => {
    expect(read('\uFEFFxyz: 1\n').said).toContain(
      '1:1: unknown key "xyz": keys at the top are source, store, chats, adapters, rooms, subscriptions, commands, operators, greet, priority, derived, hub, metrics, ca_file, log_level, reload',
    );
    expect(read('hub: { "😀": 1, xyz: 1 }\n').said).toContain(
      '1:17: unknown key "xyz": keys in "hub" are port, host, key, key_file, legacy',
    );
  });

  it.each([
    ['', 'there is no configuration in this file'],
    ['# only a comment\n', 'there is no configuration in this file'],
    ['---\n', 'there is no configuration in this file'],
    ['- a\n- b\n', 'the configuration is a list'],
    ['demo\n', 'the configuration is a single value'],
  ])('refuses %j', (text, wrong) => {
    expect(read(text).said).toEqual([
      `1:1: ${wrong}: write keys at the top: source, rooms, subscriptions (see config.example.yaml)`,
    ]);
  });

  it.each([
    ['larger than 1 MiB', Buffer.alloc(1_048_577, '#'), 'the file is larger than 1024 KiB'],
    ['not UTF-8', Buffer.from([0x61, 0xff, 0x62]), 'the file is not UTF-8'],
    ['UTF-16', Buffer.from('\uFEFFa: 1', 'utf16le'), 'the file is UTF-16'],
  ])('refuses a file that is %s', (_, bytes, wrong) => {
    expect(read(bytes).said[0]).toContain(`1:1: ${wrong}: `);
  });

  it('says that there is no file, or that it is a folder', () => {
    const folder = folderWith({});
    expect(loadConfig(join(folder, 'nope.yaml'), {}, extensions).problems.map(formatProblem)).toEqual([
      `${folder}/nope.yaml:1:1: the file does not exist: check the path`,
    ]);
    expect(loadConfig(folder, {}, extensions).problems.map(formatProblem)).toEqual([
      `${folder}:1:1: this is a folder: name a file in it`,
    ]);
    expect(loadConfig('a\0b', {}, extensions).problems).toHaveLength(1);
  });

  it('starts relative paths at the file, whatever the working directory is', () => {
    const { config } = read(good.replace('store: memory', 'store: sqlite:x.db'));
    expect(config?.store).toMatchObject({ file: join(dirname(config!.file), 'x.db') });
  });

  it('writes problems on one line, with nothing in them that a terminal obeys', () => {
    const { problems } = read('"\\e[31mred\\n\u202e": 1\n');
    const text = problems.map(formatProblem).join('|');
    expect(text).toContain('unknown key "⟦U+001B⟧[31mred␤⟦U+202E⟧"');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text).not.toMatch(/[\u0000-\u001f\u202e]/);
  });
});

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { describe, expect, it } from 'vitest';
import { cpuNow } from '../support/cpu-time.ts';
import { good, head, read } from './config-files.ts';

describe('a trap of YAML gets its own message', () => {
  it('when ${VAR} stands unquoted inside brackets, and all else is still read', () => {
    const { said } = read(`${good}chats:\n  matrix: { token: \${TOKEN}, homeserver: example.org }\nxyz: 1\n`, {
      environment: { TOKEN: 'x' },
    });
    expect(said).toEqual([
      '9:20: ${TOKEN} without quotes opens a bracket inside { } or [ ]: put it in quotes: "${TOKEN}"',
      '9:42: "homeserver" is not a web address: write https://example.org',
      '10:1: unknown key "xyz": keys at the top are source, store, chats, adapters, rooms, subscriptions, commands, operators, greet, priority, derived, hub, metrics, ca_file, log_level, reload',
    ]);
  });

  it('when several of them stand in one line, and in lists', () => {
    const { said } = read(`${good}  - { events: \${A}, rooms: [\${B}, \${C}] }\n`, {
      environment: { A: 'posts#create', B: 'hq', C: 'hq' },
    });
    expect(said.map((line) => line.slice(0, 12))).toEqual(['8:15: ${A} w', '8:29: ${B} w', '8:35: ${C} w']);
  });

  it('when a condition begins with !', () => {
    const { said } = read(
      `${head}subscriptions:\n  - events: posts\n    rooms: hq\n    where: !object.is_fp && object.title != "x"\n`,
    );
    expect(said).toEqual([
      '8:12: a value that begins with ! is a tag in YAML, so !object.is_fp would be dropped: put the whole value in quotes: ' +
        `'!object.is_fp && object.title != "x"'`,
    ]);
  });

  it.each(['! object.is_fp', '!(object.is_fp)', '!!object.is_fp'])('when a condition is %s', (condition) => {
    const { config, said } = read(`${head}subscriptions:\n  - events: posts\n    rooms: hq\n    where: ${condition}\n`);
    expect(config).toBeNull();
    expect(said.join('\n')).toMatch(/^8:1[24]: a .*is a tag in YAML.*: put the whole value,?.* in quotes.*$/);
  });

  it('when # after a space swallows the types', () => {
    const { said } = read(`${head}subscriptions:\n  - events: posts #create\n    rooms: hq\n`);
    expect(said).toEqual([
      '6:19: what follows a space and # is a comment, so #create does not count: write posts#create without the space',
    ]);
  });

  it('but not when # begins a comment that is meant as one', () => {
    for (const comment of ['# create and update', '# all of them', '#all of them', '# posts']) {
      expect(read(`${head}subscriptions:\n  - events: posts ${comment}\n    rooms: hq\n`).said).toEqual([]);
    }
  });

  it('when # cuts a condition in half', () => {
    const { said } = read(
      `${head}subscriptions:\n  - events: posts\n    rooms: hq\n    where: object.title.contains(" #x")\n`,
    );
    expect(said).toEqual([
      '8:36: what follows a space and # is a comment, so the condition ends before it: ' +
        `put the whole condition in quotes: 'object.title.contains(" #x")'`,
    ]);
  });

  it('when an address begins with #', () => {
    const { said } = read(`${good}`.replace('console:hq', '#charcoal:example.org'));
    expect(said).toEqual([
      '4:7: what begins with # is a comment, so "hq" is empty: put it in quotes: "matrix:#charcoal:example.org"',
    ]);
  });

  it('when an address in brackets begins with #, which swallows the bracket', () => {
    const { said } = read(
      `${head}subscriptions:\n  - events: posts\n    rooms: [hq, #charcoal:example.org]\n  - events: flags\n    rooms: hq\n`,
    );
    expect(said).toEqual([
      '7:17: what follows a space and # is a comment, so the bracket is never closed: put it in quotes: "matrix:#charcoal:example.org"',
    ]);
  });

  it('when an address begins with !', () => {
    const { said } = read(good.replace('console:hq', '!abc:example.org'));
    expect(said).toEqual([
      '4:7: a value that begins with ! is a tag in YAML, so !abc:example.org would be dropped: put the whole value in quotes: "matrix:!abc:example.org"',
    ]);
  });

  it('when a bare Discord id is a number that loses digits', () => {
    const { said } = read(good.replace('console:hq', '123456789012345678'));
    expect(said).toEqual([
      '4:7: 123456789012345678 is read as a number and loses digits (123456789012345680): ' +
        'put an address in quotes, with its chat: "discord:123456789012345678"',
    ]);
  });

  it('when a value has a colon and a space in it, and what follows is still read', () => {
    const { said } = read(
      `store: sqlite: lookout.db\nsource: { url: demo }\nrooms: { hq: console:hq }\nsubscriptions:\n  - events: posts\n    where: object.title == "a: b"\n    rooms: [hq, hqq]\n`,
    );
    expect(said).toEqual([
      '1:8: a value with a colon and a space in it is read as another key: write "sqlite:lookout.db"',
      `6:12: a value with a colon and a space in it is read as another key: put the whole value in quotes: 'object.title == "a: b"'`,
      '7:17: unknown room "hqq": did you mean "hq"?',
    ]);
  });

  it('when a condition begins with a quoted text', () => {
    const { said } = read(`${head}subscriptions:\n  - events: posts\n    rooms: hq\n    where: "x" == object.title\n`);
    expect(said).toEqual([
      `8:16: the value ends at the closing quote, and here is more: put the whole value in quotes: '"x" == object.title'`,
    ]);
  });

  it.each([
    ['@user:example.org', 'a value cannot begin with @: put it in quotes: "@user:example.org"'],
    ['`hq`', 'a value cannot begin with `: put it in quotes: "`hq`"'],
    [
      '*hq',
      '*hq refers to an anchor that is not there: put it in quotes if it is text, else write &hq before the value it stands for',
    ],
  ])('when a value begins with a sign of YAML: %s', (value, message) => {
    const { said } = read(good.replace('    rooms: hq', `    rooms: ${value}`));
    expect(said).toEqual([`7:12: ${message}`]);
  });

  it('when a tab indents', () => {
    expect(read('source:\n\turl: demo\n').said).toEqual([
      '2:1: a tab in the indentation: YAML is indented with spaces only',
    ]);
  });

  it('when a key is there twice', () => {
    const { said } = read(`${good}rooms: {}\n`);
    expect(said).toEqual(['8:1: the key "rooms" is here a second time (first on line 3): keep one of them']);
  });

  it('when a quote, a bracket or a brace is never closed, and is shown where it was opened', () => {
    expect(read(`${good}hub: { port: 1\n`).said).toEqual(['8:6: this { is never closed: close it with }']);
    expect(read(`store: [1, [2], {a: b}\n${good}`).said[0]).toBe('1:8: this [ is never closed: close it with ]');
    expect(read(`${good}store: "sqlite\n`).said).toEqual(['8:8: this quote is never closed: close it with "']);
    expect(read(`store: 'sqlite\n${good}`).said).toEqual([`1:8: this quote is never closed: close it with '`]);
  });

  it('when a line has no key, and when the space after the colon is missing', () => {
    expect(read('source\nstore: memory\n').said).toEqual([
      '1:1: this line is not "key: value": write a key, a colon and a space before the value',
    ]);
    expect(read('store:memory\nsource: { url: demo }\n').said).toEqual([
      '1:1: this line is not "key: value": write a space after the colon',
    ]);
  });

  it('when a line is indented as if it belonged to a value', () => {
    expect(read('source:\n  url: demo\n    name: x\n').said).toEqual([
      '3:5: this line is not indented like the one above, which has its value already: ' +
        'begin keys that belong together in one column; put a value of several lines in quotes',
    ]);
  });

  it('when an escape is none', () => {
    const { said } = read(
      `${head}subscriptions:\n  - events: posts\n    rooms: hq\n    where: "object.title.matches('\\d')"\n`,
    );
    expect(said).toEqual([
      '8:35: \\d is not an escape in double quotes: write \\\\ for a backslash, or put the value in single quotes, where a backslash is itself',
    ]);
  });

  it('when there are several documents, directives or other versions of YAML', () => {
    expect(read(`${good}---\nstore: memory\n`).said).toEqual([
      '8:1: a second document begins here: a configuration is one YAML document: remove the --- or what follows it',
    ]);
    expect(read(`%YAML 1.1\n---\n${good}`).said[0]).toBe(
      '1:1: this asks for YAML 1.1: a configuration is YAML 1.2: remove the %YAML line',
    );
  });
});

describe('aliases', () => {
  it('stand for what they refer to', () => {
    const { config, said } = read(
      `${head}subscriptions:\n  - events: posts\n    rooms: &all [hq]\n  - events: flags\n    rooms: *all\n`,
    );
    expect(said).toEqual([]);
    expect(config?.subscriptions[1]?.rooms).toEqual(['console:hq']);
  });

  it('that would grow without end are refused at once', () => {
    const levels = 'bcdefghij'.split('');
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...levels.map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[i]}`)}]`),
    ];
    const start = cpuNow();
    const { said } = read(bomb.join('\n'));
    expect(said.some((line) => line.includes('this is too much for a configuration'))).toBe(true);
    expect(cpuNow() - start).toBeLessThan(1000);
  });

  it('and brackets without end are refused before they are parsed', () => {
    for (const text of ['['.repeat(1_000_000), '{ a: ${B} }\n'.repeat(80_000), 'a: b: c\n'.repeat(120_000)])
      expect(read(text).said).toEqual([expect.stringContaining('this is too much for a configuration')]);
  });

  it('that refer to what they are part of are refused', () => {
    expect(read('rooms: &r { hq: *r }\n').said).toContain(
      '1:17: *r refers to what it is part of: write the value itself',
    );
  });
});

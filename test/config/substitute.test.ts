// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { describe, expect, it } from 'vitest';
import { head, read } from './config-files.ts';

const subscription = (where: string) =>
  `${head}subscriptions:\n  - events: posts\n    rooms: hq\n    where: ${where}\n`;

describe('${NAME}', () => {
  it('is replaced in values, also in the middle, and may hold anything that YAML would obey', () => {
    const environment = { T: 'x" }, rooms: {\n- !evil #' };
    const { config, said } = read(subscription(`'object.title == r"""\${T}"""'`), { environment });
    expect(said).toEqual([]);
    expect(config?.subscriptions[0]?.where?.source).toBe('object.title == r"""x" }, rooms: {\n- !evil #"""');
  });

  it('that is not set is an error that names it, where it stands', () => {
    const { config, said } = read(subscription("\"object.title == '${NOPE}' && object.link == '${CONSTRUCTOR}'\""));
    expect(config).toBeNull();
    expect(said).toEqual([
      '8:30: the environment variable NOPE is not set: set it (export NOPE=…, or NOPE=… in the file .env beside this one), or remove the key',
      '8:58: the environment variable CONSTRUCTOR is not set: set it (export CONSTRUCTOR=…, or CONSTRUCTOR=… in the file .env beside this one), or remove the key',
    ]);
  });

  it('does not find what every object has', () => {
    expect(read(subscription('"object.title == \'${toString}\'"')).said[0]).toContain('variable toString is not set');
  });

  it('shifts no place: what is wrong behind it is shown where it is, what is wrong in it at its ${', () => {
    const { said } = read(subscription('"object.id > ${N} && object.titel == 1 && object.${F} == 1"'), {
      environment: { N: '123456789', F: 'nope' },
    });
    expect(said[0]).toBe('8:40: unknown field "titel" of posts: did you mean title?');
    expect(said[1]).toMatch(/^8:61: unknown field "\$\{F\}" of posts: one of /);
  });

  it('stays as it is where the $ is doubled', () => {
    const { config, said } = read(subscription(`'object.title == "$\${X}"'`));
    expect(said).toEqual([]);
    expect(config?.subscriptions[0]?.where?.source).toBe('object.title == "${X}"');
  });

  it('with anything but a name in it is an error', () => {
    expect(read(subscription(`'object.title == "\${X:-y}"'`)).said).toEqual([
      '8:30: ${X:-y} is not a variable: write ${NAME} with letters, digits and _, or write $${X:-y} if it is meant literally',
    ]);
  });

  it('is not replaced in keys', () => {
    expect(read(`${subscription('object.id > 1')}"\${X}": 1\n`, { environment: { X: 'hub' } }).said[0]).toMatch(
      /^9:1: unknown key "\$\{X\}"/,
    );
  });

  it('that is a secret is an error in a condition, which rooms are shown, and is not shown by it', () => {
    const text = `source: { url: "ws://127.0.0.1:1/cable", key: "\${KEY}" }\nstore: memory\nrooms: { hq: "console:hq" }\nsubscriptions:\n  - { events: posts, rooms: hq, where: 'object.title == "\${KEY}"' }\n`;
    const { config, said } = read(text, { environment: { KEY: 'a-key-that-nobody-may-see' } });
    expect(config).toBeNull();
    expect(said).toEqual([
      '5:41: ${KEY} is a secret, and rooms are shown their conditions: remove it, or write $${KEY} if it is meant literally',
    ]);
  });

  it('can give a number where one belongs', () => {
    const { config } = read(`${subscription('object.id > 1')}hub: { port: "\${PORT}" }\n`, {
      environment: { PORT: '8080' },
    });
    expect(config?.hub.port).toBe(8080);
  });
});

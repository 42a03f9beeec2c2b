// biome-ignore-all lint/suspicious/noTemplateCurlyInString: `${NAME}` is what a configuration says
import { describe, expect, it } from 'vitest';
import { good, read } from './config-files.ts';

const metrics = (line: string) => read(`${good}${line}\n`, { environment: { PORT: '9999', BAD: 'hush' } });

describe('metrics', () => {
  it.each([
    ['', null],
    ['metrics:', { host: '127.0.0.1', port: 9464, names: [] }],
    ['metrics: {}', { host: '127.0.0.1', port: 9464, names: [] }],
    ['metrics: { port: 0 }', { host: '127.0.0.1', port: 0, names: [] }],
    ['metrics: { host: "::1" }', { host: '::1', port: 9464, names: [] }],
    ['metrics: { host: 0.0.0.0, port: "${PORT}" }', { host: '0.0.0.0', port: 9999, names: [] }],
    ['metrics: { names: lookout }', { host: '127.0.0.1', port: 9464, names: ['lookout'] }],
    ['metrics: { names: [a.example.org, b] }', { host: '127.0.0.1', port: 9464, names: ['a.example.org', 'b'] }],
  ])('may be "%s"', (line, expected) => {
    const { config, said } = metrics(line);
    expect(said).toEqual([]);
    expect(config?.metrics).toEqual(expected);
  });

  it.each([
    ['metrics: { port: 70000 }', '8:18: 70000 is not a port: write a number from 1 to 65535, or 0 for any free one'],
    ['metrics: { port: 1.5 }', '8:18: 1.5 is not a port: write a number from 1 to 65535'],
    [
      'metrics: { port: "${BAD}" }',
      '8:19: "${BAD}" is not a port: write a number from 1 to 65535, or 0 for any free one',
    ],
    ['metrics: { host: "a b" }', '8:19: "host" is not an address to listen on: write 127.0.0.1 for this machine alone'],
    [
      'metrics: true',
      '8:10: "metrics" is true or false: write "metrics: {}", or its keys below it, indented: port, host, names',
    ],
    ['metrics: 9464', '8:10: "metrics" is a number'],
    [
      'metrics: { names: "http://a:1" }',
      '8:20: "http://a:1" is not the name of a host: write it without http:// and port, as lookout.example.org',
    ],
    ['metrics: { prot: 1 }', '8:12: unknown key "prot": did you mean "port"?'],
  ])('may not be "%s"', (line, message) => {
    const { config, said } = metrics(line);
    expect(config).toBeNull();
    expect(said).toEqual([expect.stringContaining(message)]);
  });
});

import { describe, expect, it } from 'vitest';
import { npmMistake } from '../../src/command-line/npm-mistake.ts';

/** npm 9.9.4, 10.8.2 and 11.21.2 set these variables and pass these arguments on for each command line. */
describe('options that npm kept for itself', () => {
  const start = (environment: Record<string, string>, ...args: string[]) =>
    npmMistake(args, { npm_lifecycle_event: 'start', ...environment });

  it.each([
    ['npm start -c my.yaml', { npm_config_call: 'my.yaml' }, [], '-c my.yaml'],
    ["npm start -c 'our room.yaml'", { npm_config_call: 'our room.yaml' }, [], "-c 'our room.yaml'"],
    ['npm start --config my.yaml', { npm_config_config: 'true' }, ['my.yaml'], '--config my.yaml'],
    ['npm start --config=my.yaml', { npm_config_config: 'my.yaml' }, [], '--config my.yaml'],
    ['npm start --log-level debug', { npm_config_log_level: 'true' }, ['debug'], '--log-level debug'],
    ['npm start --log-level=debug', { npm_config_log_level: 'debug' }, [], '--log-level debug'],
  ])('%s', (_typed, environment, args, meant) => {
    const mistake = start(environment as Record<string, string>, ...args);
    expect(mistake).toContain(`\`npm start -- ${meant}\``);
    expect(mistake).toContain(`\`npx lookout run ${meant}\``);
  });

  it('do not include a file without an option', () => {
    expect(start({}, 'my.yaml')).toContain('`npm start -- -c my.yaml`');
  });

  it.each([
    ['npm start', {}, []],
    ['npm start -- -c my.yaml', {}, ['-c', 'my.yaml']],
    ['npm start -- --log-level debug', {}, ['--log-level', 'debug']],
    ['npx -c "npm start"', { npm_config_call: 'npm start' }, []],
  ])('do not include those in %s', (_typed, environment, args) => {
    expect(start(environment as Record<string, string>, ...args)).toBeNull();
  });

  it('are only reported if npm started us', () => {
    expect(npmMistake([], { npm_config_call: 'my.yaml' })).toBeNull();
    expect(npmMistake([], { npm_config_call: 'my.yaml', npm_lifecycle_event: 'npx' })).toBeNull();
  });
});

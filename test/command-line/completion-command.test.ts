import { execFileSync } from 'node:child_process';
import { Argument, Command } from 'commander';
import { expect, it } from 'vitest';
import { addCompletion, completionScript } from '../../src/command-line/completion-command.ts';

/** A program with a group of commands, an option with a value, and a description that a shell could take for code. */
function createProgram(): Command {
  const program = new Command('lookout');
  program
    .command('check')
    .description("what's wrong: `here`")
    .option('-c, --config <file>', 'the file')
    .option('--json', 'JSON');
  program.command('outbox').description('the outbox').command('list').description('lists it');
  program.command('color').addArgument(new Argument('<name>', 'its name').choices(['red', 'green']));
  return program;
}

/** What bash offers after a line. */
function completed(...typed: readonly string[]): readonly string[] {
  const script = completionScript(createProgram(), 'bash');
  const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lookout; printf '%s\n' "\${COMPREPLY[@]}"`;
  const answer = execFileSync('bash', ['-c', `${script}\n${ask}`, 'bash', 'lookout', ...typed], { encoding: 'utf8' });
  return answer.split('\n').filter((line) => line !== '');
}

it('completes commands, those below them, options and choices in bash', () => {
  expect(completed('')).toEqual(['check', 'outbox', 'color']);
  expect(completed('out')).toEqual(['outbox']);
  expect(completed('outbox', 'l')).toEqual(['list']);
  expect(completed('check', '--')).toEqual(['--config', '--json', '--help']);
  expect(completed('check', '--json', '--c')).toEqual(['--config']);
  expect(completed('color', 'r')).toEqual(['red']);
});

it('leaves the value of an option to the shell, which completes files', () => {
  expect(completed('check', '-c', '')).toEqual([]);
  expect(completed('check', '--config', 'con')).toEqual([]);
});

it('quotes descriptions in scripts that show them', () => {
  expect(completionScript(createProgram(), 'zsh')).toContain("'check:what'\\''s wrong\\: `here`'");
  expect(completionScript(createProgram(), 'fish')).toContain("-f -a check -d 'what\\'s wrong: `here`'");
});

it('knows the commands that are added after it', async () => {
  let out = '';
  const program = new Command('lookout');
  const terminal = {
    out: (text: string) => {
      out += text;
    },
  };
  addCompletion(program, { terminal } as Parameters<typeof addCompletion>[1]);
  program.command('later');
  await program.parseAsync(['completion', 'bash'], { from: 'user' });
  expect(out).toContain("'later')");
});

import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createQuestions } from '../../src/command-line/questions.ts';
import { answering } from '../support/scripted-questions.ts';

/** A person at a terminal who types `keys`; returns the questions, and what the terminal showed. */
function typing() {
  const input = new PassThrough();
  let shown = '';
  const write = (text: string) => {
    shown += text;
  };
  const questions = createQuestions({ input, terminal: { err: write, styled: write }, isPerson: true });
  return { questions, type: (keys: string) => input.write(keys), shown: () => shown };
}

it('takes one line of standard input for each question', async () => {
  const questions = answering('one', '', 'yes');
  expect(await questions.ask({ text: 'A', option: null })).toBe('one');
  expect(await questions.ask({ text: 'B', option: null, byDefault: 'two' })).toBe('two');
  expect(await questions.confirm({ text: 'C', option: null, byDefault: 'no' })).toBe(true);
});

it('says which option gives an answer that standard input does not', async () => {
  await expect(answering().ask({ text: 'Homeserver', option: '--homeserver' })).rejects.toThrow(
    'there is no answer to "Homeserver": give it with --homeserver, or run the command at a terminal',
  );
});

it('does not ask what an option answered, and names the option if it is wrong', async () => {
  const check = (text: string) => (text === 'right' ? null : 'write right');
  expect(await answering().ask({ text: 'A', option: '--a', given: ' right ', check })).toBe('right');
  await expect(answering().ask({ text: 'A', option: '--a', given: 'left', check })).rejects.toThrow('--a: write right');
});

it('ends at a wrong answer that cannot be asked for again', async () => {
  const check = () => 'write something else';
  await expect(answering('x').ask({ text: 'A', option: null, check })).rejects.toThrow('A: write something else');
});

it('asks a person again until the answer will do', async () => {
  const { questions, type, shown } = typing();
  const answer = questions.ask({ text: 'A', option: null, check: (text) => (text === 'b' ? null : 'write b') });
  type('a\r');
  while (!shown().includes('write b\n')) await new Promise((resolve) => setImmediate(resolve));
  type('b\r');
  expect(await answer).toBe('b');
});

it('shows a secret nowhere while a person types it', async () => {
  const { questions, type, shown } = typing();
  const secret = questions.askSecret({ text: 'Token', option: null });
  for (const key of 'hiddem\u007fn\r') type(key);
  expect(await secret).toBe('hidden');
  expect(shown()).toContain('Token: ');
  expect(shown().replace('Token: ', '')).not.toMatch(/[a-z]/);
});

it('ends when a person presses Ctrl-C', async () => {
  const { questions, type } = typing();
  const answer = questions.ask({ text: 'A', option: null });
  type('\u0003');
  await expect(answer).rejects.toThrow('stopped');
});

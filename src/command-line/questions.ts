import { createInterface, type Interface } from 'node:readline';
import { type Readable, Writable } from 'node:stream';
import { type Question, type Questions, SetupError } from '../adapters/setup.ts';
import type { Terminal } from './terminal.ts';

export interface QuestionsOptions {
  readonly input: Readable;
  readonly terminal: Pick<Terminal, 'err' | 'styled'>;
  /** True if a person types at a terminal. */
  readonly isPerson: boolean;
}

/** Asks a person at the terminal, or takes the answers from the lines of standard input. */
export function createQuestions(options: QuestionsOptions): Questions {
  const lines = options.isPerson ? null : linesOf(options.input);
  const readLine = (prompt: string, isSecret: boolean) =>
    lines === null ? askPerson(options, prompt, isSecret) : lines.next().then(({ value }) => value ?? null);

  async function ask(question: Question, isSecret: boolean): Promise<string> {
    if (question.given !== undefined) return checked(question, question.given.trim(), question.option ?? 'the option');
    const byDefault = question.byDefault === undefined ? '' : ` [${question.byDefault}]`;
    const prompt = `${question.text}${byDefault}: `;
    for (;;) {
      const line = await readLine(prompt, isSecret);
      if (line === null && !options.isPerson && question.byDefault !== undefined) return question.byDefault;
      if (line === null) throw new SetupError(noAnswer(question));
      const answer = line.trim() === '' ? (question.byDefault ?? '') : line.trim();
      const wrong = answer === '' ? 'this needs an answer' : (question.check?.(answer) ?? null);
      if (wrong === null) return answer;
      if (!options.isPerson) throw new SetupError(`${question.text}: ${wrong}`);
      options.terminal.err(`  ${wrong}\n`);
    }
  }

  return {
    isPerson: options.isPerson,
    ask: (question) => ask(question, false),
    askSecret: (question) => ask(question, true),
    async confirm(question) {
      const text = `${question.text} (yes or no)`;
      const answer = await ask(
        { ...question, text, check: (given) => (yesOrNo(given) ? null : 'write yes or no') },
        false,
      );
      return /^y/i.test(answer);
    },
  };
}

const yesOrNo = (text: string) => /^(?:y|yes|n|no)$/i.test(text);

function checked(question: Question, answer: string, where: string): string {
  const wrong = answer === '' ? 'it is empty' : (question.check?.(answer) ?? null);
  if (wrong !== null) throw new SetupError(`${where}: ${wrong}`);
  return answer;
}

function noAnswer({ text, option }: Question): string {
  const remedy = option === null ? 'write it on a line of standard input' : `give it with ${option}`;
  return `there is no answer to "${text}": ${remedy}, or run the command at a terminal`;
}

/** The lines of an input that is not a terminal, one for each question. */
function linesOf(input: Readable): AsyncIterator<string, undefined> {
  let lines: AsyncIterator<string, undefined> | null = null;
  // Nothing is read, and no process kept, before the first question.
  return {
    next() {
      lines ??= createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
      return lines.next();
    },
  };
}

/** Asks once at a terminal; null at its end (Ctrl-D). Throws a `SetupError` at Ctrl-C. */
function askPerson({ input, terminal }: QuestionsOptions, prompt: string, isSecret: boolean): Promise<string | null> {
  const { promise, resolve, reject } = Promise.withResolvers<string | null>();
  let isShown = true;
  const output = new Writable({
    write(chunk: Buffer, _, done) {
      if (isShown) terminal.styled(chunk.toString());
      done();
    },
  });
  const line: Interface = createInterface({ input, output, terminal: true, historySize: 0 });
  const end = () => {
    isShown = false;
    line.close();
    // The line break that a person typed is not shown with a secret.
    if (isSecret) terminal.err('\n');
  };
  line.on('SIGINT', () => {
    reject(new SetupError('stopped'));
    end();
    if (!isSecret) terminal.err('\n');
  });
  line.on('close', () => resolve(null));
  line.question(prompt, (answer) => {
    resolve(answer);
    end();
  });
  isShown = !isSecret;
  return promise;
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { type EventSpec, parseEventSpec } from '../catalogue/event-spec.ts';
import type { Config } from '../config/config.ts';
import { nearest } from '../text/nearest.ts';
import { InputError } from '../trial/input-error.ts';
import { type RecordedMessage, readEvent } from '../trial/read-event.ts';
import { readLines } from '../trial/read-lines.ts';
import { type Samples, sampleNames, samplesOf } from '../trial/samples.ts';
import { extensions } from './extensions.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** An argument that does not lead to events, with what would be right. */
class NoEventsError extends Error {}

/** Yields messages as if they were the lines of a file. */
export async function* recorded(messages: readonly unknown[]): AsyncGenerator<RecordedMessage> {
  for (const [index, message] of messages.entries()) yield { line: index + 1, at: null, message, doubt: null };
}

/** Yields the events of a file, one in each line; `-` is standard input. Throws a `NoEventsError` or an `InputError`. */
export async function* eventsIn(file: string, config: Config, terminal: Terminal): AsyncGenerator<RecordedMessage> {
  const options = { kind: config.source.kind, catalogue: config.catalogue };
  const doubts = new Set<string>();
  let isEmpty = true;
  for await (const line of readLines(await open(file))) {
    isEmpty = false;
    const read = readEvent(line, options);
    if (read.doubt !== null && !doubts.has(read.doubt)) {
      doubts.add(read.doubt);
      terminal.err(`${file}:${read.line}: warning: ${read.doubt}\n`);
    }
    yield read;
  }
  const empty = file === '-' ? 'standard input is empty' : 'the file is empty';
  if (isEmpty) throw new NoEventsError(`${file}: ${empty}: write one event in each line, as \`lookout record\` does`);
}

async function open(file: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') return process.stdin;
  const stats = await stat(file).catch((err: NodeJS.ErrnoException) => {
    const why = err.code === 'ENOENT' ? 'the file does not exist: check the path' : `it cannot be read (${err.code})`;
    throw new NoEventsError(`${file}: ${why}`);
  });
  if (stats.isDirectory()) throw new NoEventsError(`${file}: this is a folder: name a file of events in it`);
  return createReadStream(file);
}

/** Reads `--sample` and finds its events. Throws a `NoEventsError` that names near ones. */
export async function samplesNamed(
  text: string,
  config: Config,
  now: number,
): Promise<Samples & { readonly spec: EventSpec }> {
  const input = extensions.inputs.find(({ name }) => name === config.source.kind.name);
  if (input === undefined) throw new Error(`there is no kind of source "${config.source.kind.name}"`);
  const options = { config, input, now };
  const read = parseEventSpec(text, config.catalogue);
  if (read.outcome === 'problems') {
    const { wrong, right } = read.problems[0]!;
    throw new NoEventsError(`--sample ${text}: ${wrong}: ${right}`);
  }
  const samples = await samplesOf(read.spec, options);
  if (samples !== null) return { ...samples, spec: read.spec };
  const known = await sampleNames(options);
  const near = nearest(text, known);
  const meant = near === null ? '' : `did you mean ${near}? `;
  throw new NoEventsError(`--sample ${text}: there is no such sample: ${meant}Samples are ${known.join(', ')}`);
}

/** Prints errors in the events themselves. */
export async function withEventErrorsTold(
  file: string | null,
  terminal: Terminal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work();
  } catch (err) {
    if (err instanceof NoEventsError) terminal.err(`${err.message}\n`);
    else if (err instanceof InputError) terminal.err(`${file ?? '-'}: ${err.message}\n`);
    else throw err;
    return 2;
  }
}

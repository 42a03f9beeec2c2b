import type { Config } from '../config/config.ts';
import { counted } from '../text/counted.ts';
import { nearest } from '../text/nearest.ts';
import { printedJson } from '../text/printed.ts';
import { maxConfigBytes, readTextFile } from '../text/read-text-file.ts';
import { type Commanded, readCommanded } from '../trial/commanded.ts';
import { compare, type Expectation, readExpectations } from '../trial/expectations.ts';
import { explain } from '../trial/explain.ts';
import { differenceText, explanationText } from '../trial/explain-text.ts';
import type { ExplainedEvent } from '../trial/explanation.ts';
import { names } from '../trial/samples.ts';
import type { CommandLine } from './command-line.ts';
import { eventsIn, recorded, samplesNamed, withEventErrorsTold } from './event-input.ts';
import { extensions } from './extensions.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export interface ExplainArguments {
  /** A file with an event in each line, or `-`; null: a sample. */
  readonly file: string | null;
  readonly sample: string | null;
  /** A file of expectations; null: what became of the events is printed instead. */
  readonly expect: string | null;
  readonly json: boolean;
  /** False: what commands changed is left out. */
  readonly store: boolean;
}

/** Runs `lookout explain`: exits with 1 if something is not as expected. */
export async function explainCommand(config: Config, said: ExplainArguments, line: CommandLine): Promise<ExitCode> {
  const { terminal } = line;
  const expectations = said.expect === null ? [] : readExpected(said.expect, config, terminal);
  if (expectations === null) return 2;
  return withEventErrorsTold(said.file, terminal, async () => {
    const commanded = said.store ? await readCommanded(config.store) : null;
    if (commanded !== null) tellOfCommands(commanded, terminal);
    const explained: ExplainedEvent[] = [];
    for await (const one of explainedOf(config, said, { commanded, version: line.version, terminal })) {
      if (said.json || said.expect !== null) explained.push(one);
      else terminal.out(explanationText(one));
    }
    if (said.expect !== null) return tellDifferences(said.expect, expectations, explained, said.json, terminal);
    if (said.json) terminal.out(printedJson(explained));
    return 0;
  });
}

interface Parts {
  readonly commanded: Commanded | null;
  readonly version: string;
  readonly terminal: Terminal;
}

async function* explainedOf(
  config: Config,
  { file, sample }: ExplainArguments,
  { terminal, ...parts }: Parts,
): AsyncGenerator<ExplainedEvent> {
  const now = Date.now();
  const options = { ...extensions, ...parts, config, now, async onSend() {} };
  if (sample === null) return yield* explain(eventsIn(file ?? '-', config, terminal), options);
  const samples = await samplesNamed(sample, config, now);
  let found: ExplainedEvent | null = null;
  for await (const one of explain(recorded(samples.messages), options)) {
    if (!names(samples.spec, one.event)) continue;
    found = one;
    if (samples.isDerived) break;
  }
  if (found !== null) return yield { ...found, line: 1 };
  const isNamed = config.subscriptions.some(({ events }) =>
    [...samples.spec.keys()].some((model) =>
      [...(events.get(model) ?? [])].some((type) => names(samples.spec, `${model}#${type}`)),
    ),
  );
  const why = isNamed
    ? 'it does not follow from the samples'
    : 'no subscription names it, so it is not derived: no room gets it';
  terminal.err(`--sample ${sample}: ${why}\n`);
}

function tellOfCommands({ counts: { subscriptions, mutes, quiet } }: Commanded, terminal: Terminal): void {
  const parts = [
    subscriptions === 0 ? '' : counted(subscriptions, 'subscription'),
    mutes === 0 ? '' : counted(mutes, 'mute'),
    quiet === 0 ? '' : `${quiet} × quiet hours`,
  ].filter((part) => part !== '');
  if (parts.length > 0) terminal.err(`with ${parts.join(', ')} from the store (--no-store leaves them out)\n`);
}

/** Returns the expectations of a file; null after printing what is wrong in it. */
function readExpected(file: string, { rooms }: Config, terminal: Terminal): readonly Expectation[] | null {
  const text = readTextFile(file, maxConfigBytes);
  if (text.outcome === 'unreadable') {
    terminal.err(`--expect ${file}: ${text.wrong}: ${text.right}\n`);
    return null;
  }
  const known = rooms.map(({ name }) => name);
  const isRoom = (name: string) => {
    if (known.includes(name)) return null;
    const near = nearest(name, known);
    return near === null ? `rooms are ${known.join(', ')}` : `did you mean ${near}?`;
  };
  const read = readExpectations(text.text, isRoom);
  if (read.outcome === 'ok') return read.expectations;
  for (const { line, column, wrong, right } of read.problems)
    terminal.err(`${file}:${line}:${column}: error: ${wrong}: ${right}\n`);
  return null;
}

function tellDifferences(
  file: string,
  expectations: readonly Expectation[],
  explained: readonly ExplainedEvent[],
  asJson: boolean,
  terminal: Terminal,
): ExitCode {
  const differences = compare(expectations, explained);
  if (asJson) terminal.out(printedJson(differences));
  else for (const one of differences) terminal.out(differenceText(file, one));
  const all = counted(expectations.length, 'expectation');
  const bad = new Set(differences.map(({ place }) => place)).size;
  terminal.err(bad === 0 ? `${all} met\n` : `${bad} of ${all} not met\n`);
  return bad === 0 ? 0 : 1;
}

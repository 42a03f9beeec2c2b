import { join } from 'node:path';
import { extensions } from '../../src/command-line/extensions.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/config/problem.ts';
import type { Commanded } from '../../src/trial/commanded.ts';
import { explain } from '../../src/trial/explain.ts';
import type { ExplainedEvent } from '../../src/trial/explanation.ts';
import type { RecordedMessage } from '../../src/trial/read-event.ts';
import type { TrialOptions } from '../../src/trial/trial.ts';
import { folderWith } from '../config/config-files.ts';

/** The time of the first event of a test. A Friday. */
export const noon = Date.UTC(2026, 0, 2, 12);

/** Reads a configuration of console rooms; `files`: more files beside it. */
export function configOf(yaml: string, files: Readonly<Record<string, string>> = {}): Config {
  const folder = folderWith({ ...files, 'config.yaml': `source: { url: demo }\nstore: memory\n${yaml}` });
  const { config, problems } = loadConfig(join(folder, 'config.yaml'), {}, extensions);
  if (config === null) throw new Error(problems.map(formatProblem).join('\n'));
  return config;
}

/** An event that came so many seconds after noon. */
export interface TimedEvent {
  readonly after: number;
  readonly message: object;
}

export const event = (after: number, kind: string, name: string, object: object): TimedEvent => ({
  after,
  message: { event_type: kind, event_class: name, object },
});

export async function* linesOf(events: readonly TimedEvent[]): AsyncGenerator<RecordedMessage> {
  for (const [index, { after, message }] of events.entries())
    yield { line: index + 1, at: noon + after * 1_000, message, doubt: null };
}

export interface ExplainedBy {
  readonly commanded?: Commanded;
  readonly onSend?: TrialOptions['onSend'];
}

/** Explains events. */
export async function explained(
  config: Config,
  events: readonly TimedEvent[],
  { commanded, onSend = async () => {} }: ExplainedBy = {},
): Promise<readonly ExplainedEvent[]> {
  const options = { ...extensions, config, commanded: commanded ?? null, version: 'test', now: noon, onSend };
  const found: ExplainedEvent[] = [];
  for await (const one of explain(linesOf(events), options)) found.push(one);
  return found;
}

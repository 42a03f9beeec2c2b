import { askRunning, type Question } from '../control/ask-running.ts';
import type { Json } from '../words.ts';
import type { NamedStore } from './named-store.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** Asks the Lookout that runs on a store, and hands its answer on. Prints why there is none, and exits with 1. */
export async function withRunning(
  named: NamedStore,
  question: Question,
  terminal: Terminal,
  work: (answer: Json) => ExitCode,
): Promise<ExitCode> {
  const asked = await askRunning(named, question);
  if (asked.outcome === 'done') return work(asked.body);
  terminal.err(`${asked.error}\n`);
  return 1;
}

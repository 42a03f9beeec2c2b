import type { SourceState } from './state.ts';

/** Describes the state of a source for people. */
export function sourceText(state: SourceState, name: string): string {
  switch (state.state) {
    case 'lost':
      return `no connection to ${name} since ${new Date(state.since).toISOString()}: ${state.reason}`;
    case 'stale':
      return `no sign of life from ${name} since ${new Date(state.since).toISOString()}`;
    default:
      return `${name}, ${state.state}`;
  }
}

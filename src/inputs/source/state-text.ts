import type { SourceState } from './state.ts';

/** How it stands with the source of this name, for people. */
export function sourceText(state: SourceState, name: string): string {
  switch (state.state) {
    case 'lost':
      return `${name} is lost since ${new Date(state.since).toISOString()}: ${state.reason}`;
    case 'stale':
      return `${name} gave no sign of life since ${new Date(state.since).toISOString()}`;
    default:
      return `${name}, ${state.state}`;
  }
}

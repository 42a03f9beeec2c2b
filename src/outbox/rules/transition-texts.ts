import type { SendResult } from '../../adapters/adapter.ts';
import type { Attempted, LogLine, SendStep, Transition } from './transition.ts';

/** Returns the log lines of an adapter's answer. A send that went out gets its line when that is stored (`sent-text.ts`). */
export function answerLines(result: SendResult, { room }: Attempted): readonly LogLine[] {
  if (result.outcome === 'sent') return [];
  const { outcome, reason } = result;
  return [{ level: 'debug', text: `room ${room}: ${outcome}: ${reason}`, reason }];
}

/** Returns the log lines of a step. */
export function stepLines(step: SendStep, { id, room }: Attempted): readonly LogLine[] {
  switch (step.kind) {
    case 'split': {
      const { reason } = step;
      const text = `room ${room}: a message with several events was rejected (${reason}); each event is sent alone`;
      return [{ level: 'warn', text, reason }];
    }
    case 'leave':
      return [{ level: 'debug', text: `room ${room}: a message is left as it is`, reason: step.reason }];
    case 'deadLetter': {
      const { reason } = step;
      return [{ level: 'error', text: `dead letter s${id}: ${reason}; \`lookout outbox\` lists it`, reason }];
    }
    case 'settle':
    case 'planAnew':
    case 'repeat':
      return [];
    default:
      return step satisfies never;
  }
}

/** Returns the notice to the operators about a step; null: none. */
export function noticeOf(step: SendStep, { room }: Attempted): Transition['notice'] {
  if (step.kind !== 'deadLetter') return null;
  const text = `A message for room ${room} could not be delivered (${step.reason}). lookout outbox list shows it.`;
  return { cause: 'dead letter', text };
}

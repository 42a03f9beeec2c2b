import type { Choice, Completion } from '../../commands/complete.ts';
import type { Answer, Invocation } from '../../commands/invocation.ts';
import { messageOf, paragraph, typed } from '../../render/say.ts';
import { isStale } from './ask-patiently.ts';
import type { Exchange } from './exchange.ts';
import { type Interaction, type RoomOf, readInteraction } from './interaction.ts';
import { type AnswerOptions, answerDeferred, answerFirst, answerInChannel } from './interaction-answers.ts';

export interface InteractionsOptions extends AnswerOptions {
  readonly run: (invocation: Invocation) => Promise<Answer | null>;
  readonly complete: (completion: Completion) => Promise<readonly Choice[]>;
  readonly roomOf: RoomOf;
}

/** Answers what people do with us. */
export interface Interactions {
  /** Handles an interaction from the gateway. Never throws. */
  handle(given: unknown): void;
  /** Resolves when all were answered or given up. */
  settled(): Promise<void>;
}

/** Delay before Discord is told that the answer comes later, ms; it waits 3 s for a first answer. */
const deferAfterMs = 1_500;

export function createInteractions(options: InteractionsOptions): Interactions {
  const { log } = options;
  const underWay = new Set<Promise<void>>();
  return {
    handle(given) {
      const work = answer(given, options)
        .catch((err: unknown) => log.error({ platform: 'discord', err }, 'an interaction failed on our side'))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}

async function answer(given: unknown, options: InteractionsOptions): Promise<void> {
  const interaction = readInteraction(given, options.roomOf);
  if (interaction === null) return options.log.debug({ platform: 'discord' }, 'an interaction was not understood');
  switch (interaction.kind) {
    case 'ping':
      await answerFirst(interaction, { kind: 'pong' }, options);
      return;
    case 'complete': {
      const { command, option, typed, given: others, direct, room } = interaction;
      const place = { platform: 'discord', room, direct } as const;
      const choices = await options.complete({ command, option, typed, given: others, ...place });
      await answerFirst(interaction, { kind: 'choices', choices }, options);
      return;
    }
    case 'unknown':
      await answerFirst(interaction, { kind: 'message', said: unknownTo(interaction.what) }, options);
      return;
    case 'run':
      return runAndAnswer(interaction, interaction.invocation, options);
    default:
      interaction satisfies never;
  }
}

async function runAndAnswer(
  interaction: Interaction,
  invocation: Invocation,
  options: InteractionsOptions,
): Promise<void> {
  let deferral: Promise<Exchange> | null = null;
  const cancel = options.clock.after(deferAfterMs, () => {
    deferral = answerFirst(interaction, { kind: 'deferred' }, options);
  });
  const said = (await options.run(invocation)) ?? tooMany;
  cancel();
  const deferred = await (deferral as Promise<Exchange> | null);
  // If no clear answer came to it, it may have got through: then only the message that it became can be changed.
  if (deferred !== null && !isStale(deferred)) {
    await answerDeferred(interaction, said, options);
    return;
  }
  const answered = deferred ?? (await answerFirst(interaction, { kind: 'message', said }, options));
  // What changed for all is shown to all, even if its author can no longer be answered.
  if (isStale(answered) && !said.private) await answerInChannel(interaction, said, options);
}

/** Silence would be shown as a failure of ours. */
const tooMany: Answer = {
  message: messageOf([paragraph('Too many commands: wait half a minute.')]),
  private: true,
};

const unknownTo = (what: string): Answer => ({
  message: messageOf([
    paragraph(`This version of Lookout does not know ${what}. The commands are there still: try `, typed('help'), '.'),
  ]),
  private: true,
});

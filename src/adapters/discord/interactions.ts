import type { Choice, Completion } from '../../commands/complete.ts';
import type { Answer, Invocation } from '../../commands/invocation.ts';
import type { Log } from '../../log.ts';
import { messageOf, paragraph } from '../../render/say.ts';
import { type Clock, sleep } from '../../time/clock.ts';
import { answerForm, ephemeral } from './answer-form.ts';
import type { Call, DiscordClient } from './client.ts';
import type { Exchange } from './exchange.ts';
import { type Interaction, readInteraction } from './interaction.ts';
import { troubleOf } from './trouble.ts';

export interface InteractionsOptions {
  readonly client: DiscordClient;
  readonly api: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly run: (invocation: Invocation) => Promise<Answer | null>;
  readonly complete: (completion: Completion) => Promise<readonly Choice[]>;
}

/** Answers what people do with us. */
export interface Interactions {
  /** Handles an interaction from the gateway. Never throws. */
  handle(given: unknown): void;
  /** Resolves when all were answered or given up. */
  settled(): Promise<void>;
}

/** Discord waits 3 s for a first answer; when work takes so long, it is told that more will come, in milliseconds. */
const deferAfterMs = 1_500;
/** Kinds of answers (https://discord.com/developers/docs/interactions/receiving-and-responding#interaction-response-object-interaction-callback-type). */
const callback = { pong: 1, message: 4, deferred: 5, choices: 8 } as const;
/** Discord does not wait for this interaction any more. */
const unknownInteraction = 10_062;
/** We have answered it already. */
const alreadyAnswered = 40_060;
const tries = 5;
/** The longest wait before an answer is given up, in milliseconds. */
const longestWaitMs = 60_000;

export function createInteractions(options: InteractionsOptions): Interactions {
  const { client, api, clock, log, signal } = options;
  const underWay = new Set<Promise<void>>();

  async function answer(given: unknown): Promise<void> {
    const interaction = readInteraction(given);
    if (interaction === null) return log.debug({ platform: 'discord' }, 'an interaction was not understood');
    switch (interaction.kind) {
      case 'ping':
        await respond(interaction, { type: callback.pong });
        return;
      case 'complete': {
        const { command, option, typed, given: others, direct, channel } = interaction;
        const room = { platform: 'discord', room: channel, direct } as const;
        const choices = await options.complete({ command, option, typed, given: others, ...room });
        await respond(interaction, { type: callback.choices, data: { choices } });
        return;
      }
      case 'unknown':
        await respond(interaction, messageOfAnswer(unknownTo(interaction.what)));
        return;
      case 'run':
        return runAndAnswer(interaction, interaction.invocation);
      default:
        interaction satisfies never;
    }
  }

  async function runAndAnswer(interaction: Interaction, invocation: Invocation): Promise<void> {
    let deferral: Promise<Exchange> | null = null;
    const cancel = clock.after(deferAfterMs, () => {
      deferral = respond(interaction, { type: callback.deferred, data: { flags: ephemeral } });
    });
    const said = (await options.run(invocation)) ?? tooMany;
    cancel();
    const deferred = await (deferral as Promise<Exchange> | null);
    // Where no clear answer came to it, it may have got through: then only the message that it became can be changed.
    if (deferred !== null && !isStale(deferred)) {
      const { flags: _, ...form } = answerForm(said);
      const route = `/webhooks/${interaction.application}/${interaction.token}/messages/@original` as const;
      await ask({ method: 'PATCH', route, body: JSON.stringify(form) });
      return;
    }
    const answered = deferred ?? (await respond(interaction, messageOfAnswer(said)));
    // What changed for all is told to all, also where its author was not to be answered any more.
    if (isStale(answered) && !said.private) await sayInChannel(interaction, said);
  }

  const respond = ({ id, token }: Interaction, body: object) =>
    ask({ method: 'POST', route: `/interactions/${id}/${token}/callback`, body: JSON.stringify(body) });

  async function sayInChannel({ channel }: Interaction, said: Answer): Promise<void> {
    await ask({ method: 'POST', route: `/channels/${channel}/messages`, body: JSON.stringify(answerForm(said)) });
  }

  async function ask(call: Call): Promise<Exchange> {
    const giveUpAt = clock.monotonic() + longestWaitMs;
    for (let attempt = 1; ; ) {
      const exchange = await client.request(call, signal);
      if (exchange.kind === 'ok' || signal.aborted) return exchange;
      if (exchange.kind === 'refused' && (exchange.code === alreadyAnswered || exchange.code === unknownInteraction)) {
        log.debug({ platform: 'discord', reason: exchange.text }, 'an interaction was over before it was answered');
        return exchange;
      }
      const trouble = troubleOf(exchange, api);
      const isLate = 'waitMs' in trouble && clock.monotonic() + trouble.waitMs > giveUpAt;
      if (!('waitMs' in trouble) || attempt >= tries || isLate) {
        log.warn({ platform: 'discord', reason: trouble.reason }, `a command got no answer: ${trouble.reason}`);
        return exchange;
      }
      // A limit is waited out, however often; all else is tried again soon, since a person waits.
      const waitMs =
        trouble.kind === 'limited' ? Math.max(100, trouble.waitMs) : Math.min(500 * attempt++, trouble.waitMs);
      await sleep(clock, waitMs, signal);
    }
  }

  return {
    handle(given) {
      const work = answer(given)
        .catch((err: unknown) => log.error({ platform: 'discord', err }, 'an interaction failed on our side'))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}

const messageOfAnswer = (said: Answer) => ({ type: callback.message, data: answerForm(said) });

const isStale = (exchange: Exchange) => exchange.kind === 'refused' && exchange.code === unknownInteraction;

/** Silence would be shown as a failure of ours. */
const tooMany: Answer = {
  message: messageOf([paragraph('Too many commands: wait half a minute.')]),
  private: true,
};

const unknownTo = (what: string): Answer => ({
  message: messageOf([
    paragraph(`This version of Lookout does not know ${what}. The commands are there still: try /help.`),
  ]),
  private: true,
});

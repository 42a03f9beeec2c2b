import type { Clock } from '../time/clock.ts';
import type { Hub } from './hub.ts';
import type { StagedEvent } from './samples/stage.ts';
import { sampleStory } from './samples/story.ts';

export interface PlayOptions {
  /** Pause between two events, ms. Default: the pauses of the story, about one event a second with small bursts. */
  readonly pauseMs?: number;
}

/** Delay between the first subscription and the first event, ms. A client may have more subscriptions to make. */
const firstAfterMs = 100;

/** Delay, ms, after which the story restarts instead of playing everything that became due, as after the machine slept. */
const tooLateMs = 10_000;

/**
 * Plays sample events while at least one client is subscribed. After a time without subscriptions the story starts from
 * its beginning, with new ids.
 */
export function playSamples(
  hub: Pick<Hub, 'publish' | 'subscriptions' | 'onSubscribed'>,
  clock: Clock,
  options: PlayOptions = {},
): { stop(): void } {
  const { pauseMs } = options;
  let cancel: (() => void) | null = null;

  function begin(): void {
    const story = sampleStory(clock.wall());
    play(story, story.next().value);
  }

  function play(story: ReturnType<typeof sampleStory>, staged: StagedEvent): void {
    cancel = null;
    if (hub.subscriptions === 0) return;
    if (pauseMs === undefined && clock.wall() - staged.at > tooLateMs) {
      begin();
      return;
    }
    hub.publish(staged.event);
    const next = story.next().value;
    cancel = clock.after(pauseMs ?? Math.max(0, next.at - clock.wall()), () => play(story, next));
  }

  function beginSoon(): void {
    cancel ??= clock.after(firstAfterMs, begin);
  }

  const ignoreSubscriptions = hub.onSubscribed(beginSoon);
  if (hub.subscriptions > 0) beginSoon();
  return {
    stop() {
      ignoreSubscriptions();
      cancel?.();
    },
  };
}

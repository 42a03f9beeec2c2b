import type { Clock } from '../time/clock.ts';
import type { Hub } from './hub.ts';
import type { StagedEvent } from './samples/stage.ts';
import { sampleStory } from './samples/story.ts';

export interface PlayOptions {
  /** The pause between two events, in milliseconds. By default the story's own: about one a second, with small bursts. */
  readonly pauseMs?: number;
}

/** A client may have more than one subscription to make: the first event waits this long after the first of them. */
const firstAfterMs = 100;

/** Where the machine slept this long, the story begins anew instead of telling in one go what was due meanwhile. */
const tooLateMs = 10_000;

/**
 * Plays sample events for as long as somebody is subscribed. Who comes after a time with nobody hears the story from its
 * beginning, with new ids.
 */
export function playSamples(
  hub: Pick<Hub, 'publish' | 'subscriptions' | 'onSubscribed'>,
  clock: Clock,
  options: PlayOptions = {},
): { stop(): void } {
  const { pauseMs } = options;
  let cancel: (() => void) | null = null;

  function begin(): void {
    const story = sampleStory(clock.now());
    play(story, story.next().value);
  }

  function play(story: ReturnType<typeof sampleStory>, staged: StagedEvent): void {
    cancel = null;
    if (hub.subscriptions === 0) return;
    if (pauseMs === undefined && clock.now() - staged.at > tooLateMs) {
      begin();
      return;
    }
    hub.publish(staged.event);
    const next = story.next().value;
    cancel = clock.after(pauseMs ?? Math.max(0, next.at - clock.now()), () => play(story, next));
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

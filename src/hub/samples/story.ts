import type { WireEvent } from '../wire-event.ts';
import type { Draft } from './drafts.ts';
import { innocent, spam } from './drafts.ts';
import { hostile } from './hostile-drafts.ts';
import { reviewers } from './people.ts';
import { PostLife } from './post-life.ts';
import type { SmallScene } from './small-scenes.ts';
import { announcement, detectorId, detectorPing, rareModel, scanStatistics, spamDomain } from './small-scenes.ts';
import type { Stage, StagedEvent } from './stage.ts';
import { createMint, createStage } from './stage.ts';

const { marlow, tindra, okapi, bex, juniper } = reviewers;

type PostScene = (stage: Stage, draft: Draft) => void;

/** A clear case: flagged automatically, confirmed by two people, deleted 40 seconds after the report. */
const clearSpam: PostScene = (stage, draft) => {
  const life = new PostLife(stage, draft, detectorId);
  life.flag(3.4);
  life.flag(3.8);
  life.judge(8, marlow, 'tpu-');
  life.judge(17, tindra, 'tpu-', 'api');
  life.remove(40);
};

const hostilePost: PostScene = (stage, draft) => {
  const life = new PostLife(stage, draft, detectorId);
  life.judge(9, okapi, 'tp-');
  life.comment(14, juniper, `Same as last week under another name: ${draft.title}`);
  life.flag(19, { success: false, error_message: 'Flag quota of the day is used up <b>here</b>' });
  life.remove(33);
};

const falsePositive: PostScene = (stage, draft) => {
  const life = new PostLife(stage, draft, detectorId);
  life.judge(7, bex, 'fp-');
  life.judge(20, okapi, 'fp', 'api');
  life.review(26, juniper, 'fp');
};

/** Two opinions; one reviewer changes hers; a moderator is asked. */
const conflict: PostScene = (stage, draft) => {
  const life = new PostLife(stage, draft, detectorId);
  life.judge(3.5, marlow, 'tp-');
  const hasty = life.judge(8, tindra, 'fp-');
  life.comment(14, tindra, 'Disclosed affiliation, see the profile. @Marlow are you sure?');
  life.flag(18, {
    is_auto: false,
    flag_type: 'other',
    comment: 'Autoflagged post with conflicting feedback: please have a look.',
  });
  life.changeVote(24, hasty, tindra, 'naa-');
  life.review(30, okapi, 'tp');
};

/** Deleted by the community, brought back by a moderator. */
const undeletion: PostScene = (stage, draft) => {
  const life = new PostLife(stage, draft, detectorId);
  life.flag(2.6, { is_dry_run: true });
  life.judge(8, bex, 'tp-');
  life.remove(22);
  life.judge(31, juniper, 'fp-', 'api');
  life.restore(45);
};

/** Reported by mistake and taken back: metasmoke forgets post and vote. */
const mistake: PostScene = (stage, draft) => {
  const life = new PostLife(stage, draft, detectorId);
  life.judge(3.5, okapi, 'ignore-');
  life.destroy(14);
};

type Entry = { readonly gap: number } & (
  | { readonly scene: PostScene; readonly drafts: readonly Draft[] }
  | { readonly small: SmallScene }
);

/** One round of the story; `gap` is the time since the start of the entry before, s. The first entries show the variety. */
const round: readonly Entry[] = [
  { gap: 0, scene: clearSpam, drafts: spam },
  { gap: 1.5, small: scanStatistics },
  { gap: 3.5, scene: hostilePost, drafts: hostile },
  { gap: 1.5, small: announcement },
  { gap: 4.5, small: detectorPing },
  { gap: 1.5, scene: falsePositive, drafts: innocent },
  { gap: 8.5, small: spamDomain },
  { gap: 6.5, scene: conflict, drafts: innocent },
  { gap: 8, small: detectorPing },
  { gap: 3, scene: hostilePost, drafts: hostile },
  { gap: 5.5, small: rareModel },
  { gap: 6, scene: undeletion, drafts: spam },
  { gap: 4, small: scanStatistics },
  { gap: 8, scene: mistake, drafts: innocent },
  { gap: 6, small: rareModel },
  { gap: 6, scene: clearSpam, drafts: spam },
  { gap: 4, small: rareModel },
  { gap: 7, small: detectorPing },
  { gap: 3, scene: hostilePost, drafts: hostile },
  { gap: 6, small: rareModel },
];

/** Pause between two rounds, s. */
const roundGap = 3;

/** Yields all sample events with their times, endlessly, in order of time. The same start gives the same story. */
export function* sampleStory(startedAt: number): Generator<StagedEvent, never> {
  const mint = createMint(startedAt);
  const told = new Map<unknown, number>();
  const count = (what: unknown) => {
    const times = told.get(what) ?? 0;
    told.set(what, times + 1);
    return times;
  };
  let waiting: StagedEvent[] = [];
  let begin = startedAt;
  for (;;) {
    for (const entry of round) {
      begin += entry.gap * 1000;
      const due = waiting.filter((staged) => staged.at < begin);
      waiting = waiting.filter((staged) => staged.at >= begin);
      yield* due;
      const stage = createStage(mint, begin);
      if ('small' in entry) entry.small(stage, count(entry.small));
      else entry.scene(stage, entry.drafts[count(entry.drafts) % entry.drafts.length]!);
      // The sort is stable: events of the same instant keep their order.
      waiting = [...waiting, ...stage.events].sort((a, b) => a.at - b.at);
    }
    begin += roundGap * 1000;
  }
}

/**
 * Yields endless sample events, as a server of the API would send them: posts that are reported, judged, flagged and
 * deleted, and other models; some of them are hostile, the first within a dozen. All names and domains are invented.
 *
 * Ids and times come from `startedAt` (Unix milliseconds): the same start gives the same events, a later one gives others
 * (ids grow by ten a second). Times advance at a human pace, about one event a second.
 */
export function* sampleEvents(startedAt: number): Iterable<WireEvent> {
  for (const { event } of sampleStory(startedAt)) yield event;
}

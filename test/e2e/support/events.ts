import type { EventObject, SentType } from '../../../src/words.ts';
import type { WireEvent } from './rails-server.ts';
import type { Random } from './random.ts';
import { classOf, models, newRow, timeText } from './rows.ts';

/**
 * Endless events of every model, as metasmoke sends them: rows with their create, updates and destroy, posts with all
 * their rows, frames twice and out of order, hostile text everywhere. The same seed gives the same events.
 *
 * Each version of a row has its own number in `e2e`, a column that no model has, so that a reader can distinguish them.
 */
export interface EventGenerator {
  take(count: number): WireEvent[];
  /** Lets time pass without events. */
  pass(passedSeconds: number): void;
  /** Returns a new post, and the events about it that come before its create. */
  latePost(): { readonly before: readonly WireEvent[]; readonly create: WireEvent };
}

/** The life of one subject, in groups of events that follow each other without others in between. */
type Story = Generator<readonly WireEvent[], void>;

/** Number of subjects that live at the same time: their events are mixed. */
const storiesAtOnce = 8;

export function createEventGenerator(random: Random, startSeconds: number): EventGenerator {
  let seconds = startSeconds;
  let version = 0;
  let postId = 2_147_483_600;
  let rowId = 70_000;
  const emitted: WireEvent[] = [];

  const tick = () => {
    seconds += random.integer(4);
  };
  const wire = (event_type: SentType, event_class: string, object: EventObject): WireEvent => ({
    event_type,
    event_class,
    object,
  });
  const fresh = (model: string, id: number, fields: EventObject = {}): EventObject => ({
    ...newRow(model, id, random, seconds),
    ...fields,
    e2e: `v${++version}`,
  });
  const changed = (row: EventObject, fields: EventObject): EventObject => ({
    ...row,
    ...fields,
    ...('updated_at' in row && { updated_at: timeText(seconds) }),
    e2e: `v${++version}`,
  });
  /** Returns the same row with its columns in another order, as the database may return it. */
  const reordered = (row: EventObject): EventObject => Object.fromEntries(random.shuffle(Object.entries(row)));

  /** Changes the order as the source may: events about a new post may come before it. */
  function disturbed(group: readonly WireEvent[]): readonly WireEvent[] {
    return random.chance(25) ? random.shuffle(group) : group;
  }

  function* postStory(): Story {
    const id = ++postId;
    let row = fresh('posts', id, { native_id: null, is_tp: false, is_fp: false, is_naa: false, deleted_at: null });
    const created = wire('create', 'Post', row);
    tick();
    row = changed(row, { native_id: id + 1 });
    const hanging: [string, EventObject][] = [];
    const hang = (model: string, fields: EventObject): WireEvent => {
      const child = fresh(model, ++rowId, fields);
      hanging.push([model, child]);
      return wire('create', classOf(model), child);
    };
    const flagged = { post_id: id, success: true, is_auto: true, is_dry_run: null, flag_type: 'spam' };
    const update = wire('update', 'Post', row);
    yield disturbed(random.chance(30) ? [created, update, hang('flag_logs', flagged)] : [created, update]);
    for (let turn = random.integer(5); turn >= 0; turn--) {
      tick();
      switch (random.integer(6)) {
        case 0:
          yield [hang('flag_logs', flagged)];
          break;
        case 1: {
          const feedback = hang('feedbacks', { post_id: id, user_name: null, feedback_type: 'tpu-' });
          const told = wire('update', 'Feedback', changed(feedback.object, { user_name: 'Reviewer' }));
          row = changed(row, { is_tp: true });
          const update = wire('update', 'Post', row);
          yield disturbed([feedback, told, update, wire('update', 'Post', reordered(row))]);
          break;
        }
        case 2:
          row = changed(row, { deleted_at: timeText(seconds) });
          yield [hang('deletion_logs', { post_id: id, is_deleted: true }), wire('update', 'Post', row)];
          break;
        case 3:
          yield [hang('post_comments', { post_id: id })];
          break;
        case 4:
          yield [hang('review_items', { reviewable_type: 'Post', reviewable_id: id, completed: false })];
          break;
        default: {
          // A save without changes, then two different updates within one second.
          const saved = wire('update', 'Post', reordered(row));
          const first = changed(row, { score: random.integer(90) });
          row = changed(first, { score: -random.integer(90) });
          yield [saved, wire('update', 'Post', first), wire('update', 'Post', row)];
        }
      }
    }
    if (random.chance(20)) {
      yield [wire('destroy', 'Post', row), ...hanging.map(([model, child]) => wire('destroy', classOf(model), child))];
    }
  }

  function* rowStory(model: string): Story {
    let row = fresh(model, ++rowId);
    yield [wire('create', classOf(model), row)];
    for (let turn = random.integer(3); turn > 0; turn--) {
      tick();
      row = changed(row, {});
      const update = wire('update', classOf(model), row);
      yield random.chance(30) ? [update, wire('update', classOf(model), reordered(row))] : [update];
    }
    if (random.chance(35)) yield [wire('destroy', classOf(model), row)];
  }

  function* pushStory(): Story {
    yield [wire('update', 'Ref', { ref: 'refs/heads/master', commits: [{ message: 'a\nb' }], e2e: `v${++version}` })];
  }

  const others = models.filter((model) => model !== 'posts' && model !== 'ref');
  let upcoming: string[] = [];
  const nextStory = (): Story => {
    if (random.chance(45)) return postStory();
    if (upcoming.length === 0) upcoming = random.shuffle([...others, 'ref']);
    const model = upcoming.pop();
    return model === undefined || model === 'ref' ? pushStory() : rowStory(model);
  };

  const active: Story[] = [];
  const nextGroup = (): readonly WireEvent[] => {
    tick();
    // Frames come twice: an earlier event is emitted again, unchanged.
    if (random.chance(6) && emitted.length > 0) return [random.pick(emitted)];
    while (active.length < storiesAtOnce) active.push(nextStory());
    const index = random.integer(active.length);
    const step = active[index]?.next();
    if (step !== undefined && !step.done) return step.value;
    active.splice(index, 1);
    return [];
  };

  const waiting: WireEvent[] = [];
  return {
    take(count) {
      while (waiting.length < count) {
        const group = nextGroup();
        waiting.push(...group);
        emitted.push(...group);
      }
      return waiting.splice(0, count);
    },
    pass(passedSeconds) {
      seconds += passedSeconds;
    },
    latePost() {
      const row = fresh('posts', ++postId, { native_id: null });
      tick();
      const update = wire('update', 'Post', changed(row, { native_id: postId + 1 }));
      const flagLog = wire('create', 'FlagLog', fresh('flag_logs', ++rowId, { post_id: postId, is_auto: true }));
      return { before: random.shuffle([update, flagLog]), create: wire('create', 'Post', row) };
    },
  };
}

/**
 * Events of a second: posts and everything that happens to them within a minute. The same index gives the same event,
 * except for its times.
 */
const eventsPerPost = 10;

/** The life of a post, one entry for each event of a second: its class and the age of the post, s. */
const life = [
  { class: 'Post', type: 'create', age: 0 },
  { class: 'Post', type: 'update', age: 0 },
  { class: 'FlagLog', type: 'create', age: 1 },
  { class: 'Feedback', type: 'create', age: 2 },
  { class: 'Feedback', type: 'create', age: 5 },
  { class: 'Feedback', type: 'create', age: 10 },
  { class: 'PostComment', type: 'create', age: 20 },
  { class: 'Feedback', type: 'create', age: 30 },
  { class: 'DeletionLog', type: 'create', age: 40 },
  { class: 'Post', type: 'update', age: 40 },
] as const;

/** Returns the `index`th event as JSON. `now`: Unix milliseconds. */
export function soakEvent(index: number, now: number): string {
  const second = Math.floor(index / eventsPerPost);
  const step = life[index % eventsPerPost]!;
  // Before any post is old enough, everything happens to the first one.
  const post = Math.max(0, second - step.age) + 1;
  const common = { id: index + 1, created_at: timeOf(now), updated_at: timeOf(now) };
  return JSON.stringify({ event_type: step.type, event_class: step.class, object: objectOf(step, post, common, now) });
}

const timeOf = (ms: number) => new Date(ms).toISOString();

function objectOf(
  step: (typeof life)[number],
  post: number,
  common: { readonly id: number },
  now: number,
): Readonly<Record<string, unknown>> {
  switch (step.class) {
    case 'Post': {
      const born = timeOf(now - step.age * 1_000);
      const deleted_at = step.type === 'update' && step.age > 0 ? timeOf(now) : null;
      const version = step.type === 'create' ? born : timeOf(now);
      return { ...postRow(post), created_at: born, updated_at: version, deleted_at };
    }
    case 'FlagLog':
      return {
        ...common,
        post_id: post,
        success: true,
        is_auto: true,
        is_dry_run: null,
        flag_type: 'spam',
        user_id: 1,
      };
    case 'Feedback': {
      const user = common.id % 50;
      // Every seventh vote calls it not spam: people disagree.
      const feedback_type = common.id % 7 === 0 ? 'fp-' : 'tpu-';
      return {
        ...common,
        post_id: post,
        feedback_type,
        user_id: user,
        user_name: `Reviewer ${user}`,
        is_invalidated: false,
      };
    }
    case 'PostComment':
      return { ...common, post_id: post, user_id: 1, text: 'Looks like the wave of yesterday.' };
    case 'DeletionLog':
      return { ...common, post_id: post, is_deleted: true, uncertainty: 5 };
    default:
      return step satisfies never;
  }
}

function postRow(id: number): Readonly<Record<string, unknown>> {
  return {
    id,
    title: `Best keto gummies ${id}: <b>do they work</b>?`,
    body: `<p>${'Buy now and lose weight. '.repeat(40)}</p>`,
    link: `//stackoverflow.com/a/${id}`,
    site_id: 1,
    user_link: `//stackoverflow.com/users/${id}/spammer`,
    username: 'Spammer',
    why: 'Title - Position 1-5: keto',
    user_reputation: 1,
    score: 0,
    is_tp: false,
    is_fp: false,
    is_naa: false,
    autoflagged: false,
  };
}

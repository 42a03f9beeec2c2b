/** Returns a post as metasmoke sends it, with a body of ordinary length. `id` makes it a different one. */
export function postCreated(id: number): string {
  const time = new Date(1_800_000_000_000 + id * 1000).toISOString();
  const object = {
    id,
    title: `Best keto gummies ${id}: <b>do they work</b>?`,
    body: `<p>${'Buy now and lose weight. '.repeat(40)}</p>`,
    link: `//stackoverflow.com/a/${id}`,
    post_creation_date: time,
    created_at: time,
    updated_at: time,
    site_id: 1,
    user_link: `//stackoverflow.com/users/${id}/spammer`,
    username: 'Spammer',
    why: 'Title - Position 1-5: keto',
    user_reputation: 1,
    score: 0,
    is_tp: false,
    is_fp: false,
    is_naa: false,
    deleted_at: null,
    autoflagged: false,
    tags: null,
    native_id: null,
    markdown: null,
  };
  return JSON.stringify({ event_type: 'create', event_class: 'Post', object });
}

/** Returns a vote for a post by a person who votes once. */
export function feedbackOn(id: number, post: number): string {
  const time = new Date(1_800_000_000_000 + post * 1000 + 30_000).toISOString();
  const object = {
    id,
    post_id: post,
    feedback_type: 'tpu-',
    user_name: `Reviewer ${id}`,
    user_id: id,
    is_invalidated: false,
    created_at: time,
    updated_at: time,
  };
  return JSON.stringify({ event_type: 'create', event_class: 'Feedback', object });
}

import type { Json } from '../words.ts';

/** The meaning of a field of `object`, and a value that it may have. */
export interface FieldNote {
  readonly says: string;
  readonly sample: Json;
}

type Notes = Readonly<Record<string, FieldNote>>;

const note = (says: string, sample: Json): FieldNote => ({ says, sample });
const userId = note('id of the user on metasmoke', 118);
const apiKeyId = note('id of the API key through which it was written', 22);
const commentText = note('the comment', 'Same text as last week, from another account.');

/** Fields that mean the same in every model. */
const everywhere: Notes = {
  id: note('number of the row', 341_337),
  created_at: note('time at which the row was made', '2026-01-02T03:04:05.000Z'),
  updated_at: note('time of the last change of the row', '2026-01-02T03:06:12.000Z'),
  user_id: userId,
  post_id: note('id of the reported post', 341_337),
  site_id: note('id of the site on metasmoke', 1),
  api_key_id: apiKeyId,
  smoke_detector_id: note('id of the detector', 8),
};

/** Fields of one model. */
const ofModels: Readonly<Record<string, Notes>> = {
  abuse_comments: { text: commentText, abuse_report_id: note('id of the report to a provider', 12) },
  abuse_contacts: {
    name: note('name of the provider', 'Example Hosting'),
    link: note('address of its form for reports', 'https://hosting.example/abuse'),
    details: note('notes on the provider', 'Answers within two days.'),
  },
  abuse_reports: {
    reportable_type: note('class of the row that is reported to the provider', 'SpamDomain'),
    reportable_id: note('id of that row', 5_012),
    uuid: note('name of the report in its address', '0f8fad5b-d9cb-469f-a165-70867728950e'),
    details: note('text of the report', 'Domain is used for spam on ten sites.'),
    abuse_contact_id: note('id of the provider', 4),
    abuse_report_status_id: note('id of the state of the report', 2),
  },
  abuse_report_statuses: {
    name: note('the state in a word', 'Sent'),
    icon: note('name of its icon on the page', 'paper-plane'),
    color: note('its color on the page', '#3333ff'),
  },
  announcements: {
    text: note('the announcement', 'metasmoke is down for maintenance at 20:00 UTC.'),
    expiry: note('time until which it is shown', '2026-01-03T00:00:00.000Z'),
  },
  api_keys: {
    app_name: note('name of the program', 'userscript'),
    github_link: note('address of its code', 'https://github.com/Charcoal-SE/userscripts'),
    is_trusted: note('true if the program may write for its users', true),
  },
  api_tokens: { expiry: note('time at which it ends', '2026-02-02T03:04:05.000Z') },
  deletion_logs: {
    is_deleted: note('true for a deletion, false for an undeletion', true),
    uncertainty: note('seconds by which the time may be late', 6),
  },
  domain_links: {
    link_type: note('relation of the two domains', 'same owner'),
    comments: note('notes on the relation', 'Seen in three reports.'),
    left_id: note('id of the first domain', 5_012),
    right_id: note('id of the second domain', 5_013),
    creator_id: userId,
  },
  domain_tags: {
    name: note('the tag', 'skincare'),
    description: note('what the tag stands for', 'Creams and serums.'),
    special: note('true if metasmoke itself uses the tag', false),
  },
  feedbacks: {
    feedback_type: note(
      'the verdict: tp, tpu (also the user), fp, naa or ignore, with - if the chat is not to be told',
      'tpu-',
    ),
    user_name: note('name of the reviewer, null if only the user is known', 'Marlow'),
    user_link: note('chat profile of the reviewer', '//chat.stackexchange.com/users/118'),
    message_link: note('the chat message with the verdict', 'https://chat.stackexchange.com/transcript/message/1#1'),
    post_link: note('address of the post', '//stackoverflow.com/a/79000001'),
    chat_host: note('server of the chat', 'stackexchange.com'),
    chat_user_id: note('id of the reviewer on that chat', 118),
    legacy_feedback_type: note('the verdict as old programs wrote it', null),
    is_invalidated: note('true if it no longer counts', false),
    invalidated_by: note('id of the user who invalidated it', null),
    invalidated_at: note('time at which it was invalidated', null),
  },
  flags: { is_completed: note('true once an administrator dealt with it', false) },
  flag_conditions: {
    flags_enabled: note('true if it casts flags', true),
    min_weight: note('least weight of the reasons together', 280),
    max_poster_rep: note('most reputation of the author', 1),
    min_reason_count: note('least number of reasons', 1),
  },
  flag_logs: {
    success: note('true if the flag was cast', true),
    is_dry_run: note('true if it was only tried', false),
    is_auto: note('true if metasmoke cast it by itself', true),
    error_message: note('the reason for a failure; `0` or a wait in seconds if the flag was cast', null),
    comment: note('text of the flag, for moderators', null),
    flag_type: note('kind of the flag', 'spam'),
    flag_condition_id: note('id of the condition that was met', 31),
    backoff: note('seconds for which the site wants no further request', 0),
  },
  flag_settings: { name: note('name of the setting', 'max_flags'), value: note('its value', '3') },
  github_tokens: { expires: note('time at which it ends', '2026-02-02T03:04:05.000Z') },
  moderator_sites: {},
  posts: {
    title: note('title of the post, of an answer that of its question', 'Buy KetoBloom gummies today'),
    body: note('its text, HTML', '<p>Best gummies: <a href="https://ketobloom.example">buy</a></p>'),
    markdown: note('its text, Markdown, if the API gave it', null),
    link: note('address of the post', '//stackoverflow.com/a/79000001'),
    username: note('name of the author', 'ketobloom'),
    user_link: note('profile of the author', '//stackoverflow.com/users/31415926'),
    user_reputation: note('reputation of the author at the report', 1),
    stack_exchange_user_id: note('id of the author’s row among `stack_exchange_users`', 77_120),
    tags: note('tags of the question', ['javascript', 'html']),
    why: note('the matches, as the detector explains them', 'Title - Position 5-13: KetoBloom'),
    site: note('domain of the site, from the link', 'stackoverflow.com'),
    native_id: note('id of the post on its site', 79_000_001),
    score: note('votes up less votes down', -1),
    upvote_count: note('votes up', 0),
    downvote_count: note('votes down', 1),
    revision_count: note('number of revisions', 1),
    feedbacks_count: note('number of feedbacks', 2),
    post_creation_date: note('time at which the post was written', '2026-01-02T03:03:00.000Z'),
    deleted_at: note('time at which it was deleted on its site, null if it is there', null),
    is_tp: note('true if a feedback calls it spam or rude', true),
    is_fp: note('true if a feedback calls it not spam', false),
    is_naa: note('true if a feedback calls it not an answer', false),
    autoflagged: note('true if metasmoke flagged it by itself', true),
  },
  post_comments: { text: commentText },
  reasons: {
    reason_name: note('the reason in words', 'Bad keyword in title'),
    weight: note('its weight: how often it was right, of 100', 97),
    maximum_weight: note('limit of the weight', 100),
    inactive: note('true if detectors no longer use it', false),
    description: note('explanation of the reason', 'A word of the list is in the title.'),
    last_post_title: note('title of the last report for it', 'Buy KetoBloom gummies today'),
  },
  review_items: {
    reviewable_type: note('class of the row to review', 'Post'),
    reviewable_id: note('id of that row', 341_337),
    review_queue_id: note('id of the queue', 1),
    completed: note('true if it was reviewed', false),
  },
  review_queues: {
    name: note('name of the queue', 'posts'),
    description: note('what is to be done in it', 'Posts with too few feedbacks.'),
    privileges: note('role of those who may review', 'reviewer'),
    reviewable_type: note('class of the rows to review', 'Post'),
    responses: note('the answers to choose from', ['tp', 'fp', 'naa']),
  },
  review_results: {
    result: note('the answer of the reviewer', 'tp'),
    review_item_id: note('id of the item', 905),
  },
  roles: {
    name: note('name of the role', 'reviewer'),
    resource_type: note('class of the row that the role is for', null),
    resource_id: note('id of that row', null),
  },
  sites: {
    site_name: note('name of the site', 'Stack Overflow'),
    site_url: note('address of the site', 'https://stackoverflow.com'),
    site_domain: note('its domain', 'stackoverflow.com'),
    site_logo: note('address of its logo', 'https://cdn.sstatic.net/Sites/stackoverflow/img/logo.png'),
    api_parameter: note('its name in the API of Stack Exchange', 'stackoverflow'),
    flags_enabled: note('true if metasmoke may flag there', true),
    max_flags_per_post: note('most automatic flags for a post', 3),
    is_child_meta: note('true for the meta site of another one', false),
    closed: note('true if the site was closed', false),
    auto_disputed_flags_enabled: note('true if metasmoke flags posts with conflicting feedback there', true),
    last_users_update: note('time at which its users were last read', '2026-01-01T00:00:00.000Z'),
  },
  smoke_detectors: {
    name: note('name of the detector', 'EC2'),
    location: note('who runs it and where, as it says itself', 'makyen/EC2-linux'),
    last_ping: note('time of its last ping', '2026-01-02T03:06:12.000Z'),
    is_standby: note('true if it waits until another one fails', false),
    force_failover: note('true if it was asked to go to standby', false),
    force_pull: note('true if it was asked to update itself', false),
    email_date: note('time of the last mail about its silence', null),
  },
  spam_domains: {
    domain: note('the domain', 'ketobloom.example'),
    whois: note('its registration', 'Registrar: Example Registrar'),
  },
  stack_exchange_users: {
    user_id: note('id of the user on their site', 31_415_926),
    username: note('name of the user', 'ketobloom'),
    reputation: note('reputation of the user', 1),
    answer_count: note('number of answers', 1),
    question_count: note('number of questions', 0),
    still_alive: note('false if the account is gone', true),
    last_api_update: note('time at which the row was last read from the API', '2026-01-02T03:06:12.000Z'),
  },
  statistics: {
    posts_scanned: note('number of posts that the detector looked at', 1_820),
    post_scan_rate: note('posts a second', 31.2),
    api_quota: note('requests to the API of Stack Exchange that are left today', 7_312),
  },
  users: {
    username: note('name of the user', 'Marlow'),
    stackexchange_chat_id: note('id on chat.stackexchange.com', 118),
    meta_stackexchange_chat_id: note('id on chat.meta.stackexchange.com', null),
    stackoverflow_chat_id: note('id on chat.stackoverflow.com', null),
    stack_exchange_account_id: note('id of the account for all sites', 5_551_212),
    flags_enabled: note('true if metasmoke may flag for the user', true),
    write_authenticated: note('true if metasmoke may write to the sites for the user', true),
    oauth_created: note('true if the account was made by a login at Stack Exchange', false),
    privacy_accepted: note('true if the privacy policy was accepted', true),
    remember_created_at: note('time of the login that is kept', null),
  },
  user_site_settings: {
    max_flags: note('most automatic flags a day', 5),
    flags_used: note('flags that were cast today', 2),
  },
};

/** Returns the note on a field of a model; null: there is none. */
export function fieldNote(model: string, field: string): FieldNote | null {
  const own = Object.hasOwn(ofModels, model) ? ofModels[model] : undefined;
  if (own !== undefined && Object.hasOwn(own, field)) return own[field] ?? null;
  return (Object.hasOwn(everywhere, field) && everywhere[field]) || null;
}

/** The fields with a note of their own, by model. */
export const notedFields: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(ofModels).map(([model, notes]) => [model, Object.keys(notes)]),
);

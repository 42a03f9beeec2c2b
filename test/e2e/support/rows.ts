import type { EventObject, Json } from '../../../src/words.ts';
import { hostileTexts, privateText } from './hostile.ts';
import type { Random } from './random.ts';

/** Model → class and columns of metasmoke's schema; the tests' own list, so that a mistake in src shows. */
const schema: Readonly<Record<string, readonly [className: string, columns: string]>> = {
  posts: [
    'Post',
    'title body link post_creation_date site_id user_link username why user_reputation score upvote_count downvote_count stack_exchange_user_id is_tp is_fp is_naa revision_count deleted_at smoke_detector_id autoflagged tags feedbacks_count native_id markdown',
  ],
  feedbacks: [
    'Feedback',
    'message_link user_name user_link feedback_type post_id post_link user_id is_invalidated invalidated_by invalidated_at chat_user_id api_key_id chat_host',
  ],
  flag_logs: [
    'FlagLog',
    'success error_message flag_condition_id user_id post_id is_dry_run backoff site_id is_auto api_key_id flag_type comment',
  ],
  deletion_logs: ['DeletionLog', 'post_id is_deleted api_key_id uncertainty'],
  post_comments: ['PostComment', 'post_id user_id text'],
  review_items: ['ReviewItem', 'review_queue_id reviewable_type reviewable_id completed'],
  review_results: ['ReviewResult', 'user_id result review_item_id'],
  statistics: ['Statistic', 'posts_scanned smoke_detector_id api_quota post_scan_rate'],
  announcements: ['Announcement', 'text expiry'],
  smoke_detectors: ['SmokeDetector', 'last_ping name location email_date user_id is_standby force_failover force_pull'],
  spam_domains: ['SpamDomain', 'domain whois'],
  domain_tags: ['DomainTag', 'name description special'],
  domain_links: ['DomainLink', 'left_id right_id link_type comments creator_id'],
  abuse_comments: ['AbuseComment', 'user_id abuse_report_id text'],
  abuse_contacts: ['AbuseContact', 'name email link details'],
  abuse_reports: ['AbuseReport', 'user_id reportable_type reportable_id abuse_contact_id details uuid'],
  abuse_report_statuses: ['AbuseReportStatus', 'name icon color'],
  api_keys: ['APIKey', 'app_name user_id github_link is_trusted key'],
  api_tokens: ['APIToken', 'api_key_id user_id expiry token code'],
  flags: ['Flag', 'is_completed post_id'],
  flag_conditions: ['FlagCondition', 'flags_enabled min_weight max_poster_rep min_reason_count user_id'],
  flag_settings: ['FlagSetting', 'name value'],
  github_tokens: ['GithubToken', 'expires token'],
  moderator_sites: ['ModeratorSite', 'user_id site_id'],
  reasons: ['Reason', 'reason_name last_post_title inactive weight maximum_weight description'],
  review_queues: ['ReviewQueue', 'name privileges responses description reviewable_type'],
  roles: ['Role', 'name resource_type resource_id'],
  sites: ['Site', 'site_name site_url site_logo site_domain flags_enabled is_child_meta closed'],
  stack_exchange_users: ['StackExchangeUser', 'user_id username still_alive answer_count reputation site_id'],
  users: [
    'User',
    'username stackexchange_chat_id email encrypted_password salt two_factor_token enabled_2fa eu_resident',
  ],
  user_site_settings: ['UserSiteSetting', 'max_flags flags_used user_id'],
};

/** Every model with rows, and `ref`, which has none. */
export const models: readonly string[] = [...Object.keys(schema), 'ref'];

/** Every model, every type. */
export const everything = models
  .map((model) => (model === 'ref' ? 'ref#update' : `${model}#create,update,destroy`))
  .join(';');

export function classOf(model: string): string {
  const known = schema[model];
  if (known === undefined) throw new Error(`no such model: ${model}`);
  return known[0];
}

/** Returns a time in metasmoke's format: UTC, whole seconds, three zeros. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

const ordinaryTexts = [
  'Best keto gummies 2026: do they work?',
  'How to contact support of some printer',
  'Bad keyword in body, blacklisted website in body',
  'autoflagged by three users',
  'example-pills.com',
];

const privateColumns = new Set(['email', 'encrypted_password', 'salt', 'two_factor_token', 'key', 'token', 'code']);

function value(column: string, random: Random, seconds: number): Json {
  if (privateColumns.has(column)) return `${privateText}-${column}`;
  if (
    /^(is_|enabled_|force_|eu_)|_enabled$|^(success|special|closed|inactive|completed|still_alive|autoflagged)$/.test(
      column,
    )
  )
    return random.pick([true, false, null]);
  if (/(_at|_date|_ping|^expir.*)$/.test(column))
    return random.chance(40) ? null : timeText(seconds - random.integer(9000));
  if (column === 'tags') return random.chance(50) ? null : [random.pick(hostileTexts), 'javascript'];
  if (column === 'post_scan_rate') return random.integer(9000) / 7;
  // Only earlier posts: Lookout would wait for a post that does not exist yet.
  if (column === 'post_id') return random.chance(20) ? null : random.integer(2_000_000_000);
  if (/(_id|_by|count|weight|score|reputation|uncertainty|backoff|quota|scanned|_rep|flags|_used)$/.test(column))
    return random.chance(10) ? null : random.integer(5_000_000_000);
  if (column === 'link' || column === 'post_link') return `//stackoverflow.com/a/${random.integer(90_000_000)}`;
  if (column === 'user_link') return `//stackoverflow.com/users/${random.integer(90_000_000)}/spammer`;
  if (column === 'feedback_type') return random.pick(['tp', 'tpu', 'tpu-', 'fp', 'fpu-', 'naa', 'ignore']);
  if (/^(body|markdown|why|whois|details|responses)$/.test(column)) return longText(random);
  return random.chance(60) ? random.pick(hostileTexts) : random.pick(ordinaryTexts);
}

/** Returns a mostly short text; one in a hundred is far too long for any room. */
function longText(random: Random): string {
  const text = random.pick(hostileTexts) + random.pick(ordinaryTexts);
  return random.chance(1) ? `${text}\n`.repeat(1500) : text;
}

/** Returns a new row. Its times are whole seconds; `reasons` has none, as in the schema. */
export function newRow(model: string, id: number, random: Random, seconds: number): EventObject {
  const columns = (schema[model]?.[1] ?? '').split(' ');
  const row = Object.fromEntries(columns.map((column) => [column, value(column, random, seconds)]));
  if (model === 'reasons') return { id, ...row };
  return { id, ...row, created_at: timeText(seconds), updated_at: timeText(seconds) };
}

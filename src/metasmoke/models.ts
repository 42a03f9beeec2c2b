import type { FieldType } from '../catalogue/catalogue.ts';

/** A class of the API and the columns of its table by type, each list separated by blanks. */
export interface ModelColumns {
  readonly class: string;
  readonly columns: Readonly<Partial<Record<FieldType, string>>>;
}

/** Adds the columns `id`, `created_at` and `updated_at`, which all tables except `reasons` have. */
const table = (
  className: string,
  { integer = '', datetime = '', ...other }: ModelColumns['columns'],
): ModelColumns => ({
  class: className,
  columns: { ...other, integer: `id ${integer}`, datetime: `created_at updated_at ${datetime}` },
});

/**
 * Every model that metasmoke broadcasts, by table name, with its columns. Taken from metasmoke's schema
 * (https://github.com/Charcoal-SE/metasmoke/blob/master/db/schema.rb); private columns are not listed. The schema says
 * text where we say list: an event has the list (Rails' `serialize`), or null.
 */
export const models: Readonly<Record<string, ModelColumns>> = {
  abuse_comments: table('AbuseComment', { integer: 'user_id abuse_report_id', text: 'text' }),
  abuse_contacts: table('AbuseContact', { string: 'name link', text: 'details' }),
  abuse_reports: table('AbuseReport', {
    integer: 'user_id reportable_id abuse_contact_id abuse_report_status_id',
    string: 'reportable_type uuid',
    text: 'details',
  }),
  abuse_report_statuses: table('AbuseReportStatus', { string: 'name icon color' }),
  announcements: table('Announcement', { text: 'text', datetime: 'expiry' }),
  api_keys: table('APIKey', { string: 'app_name github_link', integer: 'user_id', boolean: 'is_trusted' }),
  api_tokens: table('APIToken', { integer: 'api_key_id user_id', datetime: 'expiry' }),
  deletion_logs: table('DeletionLog', { integer: 'post_id api_key_id uncertainty', boolean: 'is_deleted' }),
  domain_links: table('DomainLink', { integer: 'left_id right_id creator_id', string: 'link_type', text: 'comments' }),
  domain_tags: table('DomainTag', { string: 'name', text: 'description', boolean: 'special' }),
  feedbacks: table('Feedback', {
    string: 'message_link user_name user_link feedback_type post_link chat_host legacy_feedback_type',
    integer: 'post_id user_id invalidated_by chat_user_id api_key_id',
    boolean: 'is_invalidated',
    datetime: 'invalidated_at',
  }),
  flags: table('Flag', { boolean: 'is_completed', integer: 'post_id' }),
  flag_conditions: table('FlagCondition', {
    boolean: 'flags_enabled',
    integer: 'min_weight max_poster_rep min_reason_count user_id',
  }),
  flag_logs: table('FlagLog', {
    boolean: 'success is_dry_run is_auto',
    text: 'error_message comment',
    integer: 'flag_condition_id user_id post_id backoff site_id api_key_id',
    string: 'flag_type',
  }),
  flag_settings: table('FlagSetting', { string: 'name value' }),
  github_tokens: table('GithubToken', { datetime: 'expires' }),
  moderator_sites: table('ModeratorSite', { integer: 'user_id site_id' }),
  posts: table('Post', {
    string: 'title link user_link username',
    list: 'tags',
    text: 'body why markdown',
    datetime: 'post_creation_date deleted_at',
    integer:
      'site_id user_reputation score upvote_count downvote_count stack_exchange_user_id revision_count smoke_detector_id feedbacks_count native_id',
    boolean: 'is_tp is_fp is_naa autoflagged',
  }),
  post_comments: table('PostComment', { integer: 'post_id user_id', text: 'text' }),
  reasons: {
    class: 'Reason',
    columns: {
      integer: 'id weight maximum_weight',
      string: 'reason_name last_post_title',
      boolean: 'inactive',
      text: 'description',
    },
  },
  review_items: table('ReviewItem', {
    integer: 'review_queue_id reviewable_id',
    string: 'reviewable_type',
    boolean: 'completed',
  }),
  review_queues: table('ReviewQueue', {
    string: 'name privileges reviewable_type',
    text: 'description',
    list: 'responses',
  }),
  review_results: table('ReviewResult', { integer: 'user_id review_item_id', string: 'result' }),
  roles: table('Role', { string: 'name resource_type', integer: 'resource_id' }),
  sites: table('Site', {
    string: 'site_name site_url site_logo site_domain api_parameter',
    boolean: 'flags_enabled is_child_meta closed auto_disputed_flags_enabled',
    integer: 'max_flags_per_post',
    datetime: 'last_users_update',
  }),
  smoke_detectors: table('SmokeDetector', {
    datetime: 'last_ping email_date',
    string: 'name location',
    integer: 'user_id',
    boolean: 'is_standby force_failover force_pull',
  }),
  spam_domains: table('SpamDomain', { string: 'domain', text: 'whois' }),
  stack_exchange_users: table('StackExchangeUser', {
    integer: 'user_id answer_count question_count reputation site_id',
    string: 'username',
    datetime: 'last_api_update',
    boolean: 'still_alive',
  }),
  statistics: table('Statistic', { integer: 'posts_scanned smoke_detector_id api_quota', number: 'post_scan_rate' }),
  users: table('User', {
    datetime: 'remember_created_at',
    string: 'username',
    integer: 'stackexchange_chat_id meta_stackexchange_chat_id stackoverflow_chat_id stack_exchange_account_id',
    boolean: 'flags_enabled oauth_created privacy_accepted write_authenticated',
  }),
  user_site_settings: table('UserSiteSetting', { integer: 'max_flags flags_used user_id' }),
};

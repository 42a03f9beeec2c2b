import type { EventObject } from '../../words.ts';
import type { Stage } from './stage.ts';

/** Events that are not about posts. `round` counts from 0 and varies each round a little. */
export type SmallScene = (stage: Stage, round: number) => void;

const stamps = (stage: Stage): EventObject => ({ created_at: stage.time(0), updated_at: stage.time(0) });

/** The same row in every round, created long ago and saved now. */
const saved = (stage: Stage): EventObject => ({ created_at: '2025-03-14T09:26:53.000Z', updated_at: stage.time(0) });

export const detectorId = 7;

export const scanStatistics: SmallScene = (stage, round) =>
  stage.say(0, 'Statistic', 'create', {
    id: stage.mint.id('statistics'),
    posts_scanned: 1_204 + ((round * 137) % 400),
    smoke_detector_id: detectorId,
    ...stamps(stage),
    api_quota: Math.max(0, 9_874 - round * 31),
    post_scan_rate: 2.0066666666666668 + (round % 7) / 10,
  });

export const detectorPing: SmallScene = (stage, round) => {
  const isStandby = round % 3 === 2;
  stage.say(0, 'SmokeDetector', 'update', {
    id: isStandby ? detectorId + 1 : detectorId,
    last_ping: stage.time(0),
    name: null,
    location: isStandby ? 'tindra/raspberry' : 'marlow/attic',
    ...saved(stage),
    email_date: null,
    user_id: 101,
    is_standby: isStandby,
    force_failover: false,
    force_pull: false,
  });
};

const announcements = [
  'metasmoke goes down on Sunday at 06:00 UTC for about ten minutes. SmokeDetector queues its reports until it is back.',
  'Please look twice before you vote <code>tp</code> on answers about gummies: a recipe contest is on at Seasoned Advice.',
  'Wave from *.example domains since this morning & still going on. Thanks to all who are watching!',
];

export const announcement: SmallScene = (stage, round) =>
  stage.say(0, 'Announcement', 'create', {
    id: stage.mint.id('announcements'),
    text: announcements[round % announcements.length]!,
    expiry: stage.time(3 * 24 * 60 * 60),
    ...stamps(stage),
  });

/** A domain is first seen, tagged, and linked to another. */
export const spamDomain: SmallScene = (stage, round) => {
  const id = stage.mint.id('spam_domains');
  stage.say(0, 'SpamDomain', 'create', {
    id,
    domain: `offer-${round + 1}.prize.example`,
    whois: 'Domain Name: PRIZE.EXAMPLE\nRegistrar: Invented Registrars\nCreation Date: 2026-11-01T00:00:00Z',
    ...stamps(stage),
  });
  stage.say(1.8, 'DomainTag', 'create', {
    id: stage.mint.id('domain_tags'),
    name: `prize-wave-${round + 1}`,
    description: 'Sold as a prize, paid by the winner',
    ...stamps(stage),
    special: false,
  });
  stage.say(3.6, 'DomainLink', 'create', {
    id: stage.mint.id('domain_links'),
    left_id: id,
    right_id: 1,
    link_type: 'same owner',
    comments: 'same tracking number',
    creator_id: 102,
    ...stamps(stage),
  });
};

const reasonHeard: SmallScene = (stage, round) =>
  stage.say(0, 'Reason', 'update', {
    id: 14,
    reason_name: 'Blacklisted website in body',
    last_post_title: 'Cheap flights to anywhere, 90% off, today only',
    inactive: false,
    // This model has no `updated_at`, so the row must differ each time.
    weight: 60 + (round % 37),
    maximum_weight: 100,
    description: round % 2 === 0 ? null : 'Names a site that was spam before',
  });

const siteSettings: SmallScene = (stage, round) =>
  stage.say(0, 'Site', 'update', {
    id: 66,
    site_name: 'Physical Fitness',
    site_url: 'https://fitness.stackexchange.com',
    site_logo: '//cdn.sstatic.net/Sites/fitness/Img/apple-touch-icon.png',
    site_domain: 'fitness.stackexchange.com',
    ...saved(stage),
    flags_enabled: round % 2 === 0,
    max_flags_per_post: 3,
    is_child_meta: false,
    last_users_update: stage.time(0),
    api_parameter: 'fitness',
    closed: false,
    auto_disputed_flags_enabled: true,
  });

const abuseReport: SmallScene = (stage) =>
  stage.say(0, 'AbuseReport', 'create', {
    id: stage.mint.id('abuse_reports'),
    user_id: 104,
    reportable_type: 'SpamDomain',
    reportable_id: 1,
    abuse_contact_id: 2,
    abuse_report_status_id: 1,
    details: 'Reported to the registrar with twelve examples.',
    ...stamps(stage),
    uuid: '0b5e7c52-8f0e-4c5b-9f64-1f2d3c4b5a69',
  });

const flagCondition: SmallScene = (stage, round) =>
  stage.say(0, 'FlagCondition', 'update', {
    id: 12,
    flags_enabled: true,
    min_weight: 280 + (round % 3) * 10,
    max_poster_rep: 40,
    min_reason_count: 2,
    user_id: 104,
    ...saved(stage),
  });

/** An event with GitHub's own payload, without a row of metasmoke. */
const deployed: SmallScene = (stage) =>
  stage.say(0, 'Ref', 'update', {
    ref: 'refs/heads/deploy',
    before: '0'.repeat(40),
    after: 'a1b2c3d4'.repeat(5),
    compare: 'https://github.com/Charcoal-SE/SmokeDetector/compare/000000000000...a1b2c3d4a1b2',
    commits: [{ id: 'a1b2c3d4'.repeat(5), message: 'Watch prize.example', added: [], removed: [] }],
    forced: false,
  });

const rare = [reasonHeard, abuseReport, deployed, siteSettings, flagCondition];

/** Models that few rooms subscribe to, one after the other. */
export const rareModel: SmallScene = (stage, round) => rare[round % rare.length]!(stage, round);

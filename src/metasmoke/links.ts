import type { SourceLinks } from '../catalogue/source-kind.ts';
import { idText, postNumberOf } from '../catalogue/subject.ts';
import { absoluteUrl } from '../text/absolute-url.ts';
import type { Event } from '../words.ts';
import { isNetworkHost } from './network-hosts.ts';
import { readReference } from './read-reference.ts';

const metasmoke = 'metasmoke.erwaysoftware.com';

/** Also `cdn.sstatic.net`, which serves site logos. Users' uploads are on other hosts. */
const exactHosts = new Set([metasmoke, 'cdn.sstatic.net']);

/** Page of a row on metasmoke, from https://github.com/Charcoal-SE/metasmoke/blob/master/config/routes.rb */
const pages: Readonly<Record<string, (id: string) => string>> = {
  abuse_contacts: (id) => `abuse/contacts/${id}`,
  abuse_report_statuses: (id) => `abuse/statuses/${id}`,
  abuse_reports: (id) => `abuse/reports/${id}`,
  announcements: () => 'announcements',
  domain_tags: (id) => `domains/tags/${id}`,
  reasons: (id) => `reason/${id}`,
  smoke_detectors: (id) => `smoke_detector/${id}/statistics`,
  spam_domains: (id) => `domains/${id}`,
  stack_exchange_users: (id) => `spammers/${id}`,
};

/** Rows without a page of their own, which are shown on the page of another row. */
const parents: Readonly<Record<string, readonly [column: string, model: string]>> = {
  abuse_comments: ['abuse_report_id', 'abuse_reports'],
  statistics: ['smoke_detector_id', 'smoke_detectors'],
};

/** Returns metasmoke's page of a post, or null for another subject. */
function postLink(subject: string): string | null {
  const id = postNumberOf(subject);
  return id === null ? null : `https://${metasmoke}/post/${id}`;
}

/** Returns metasmoke's page for an event: the page of its post, if it leads to one. Null if there is no page. */
export function metasmokeLink(event: Event): string | null {
  const post = postLink(event.subject);
  if (post !== null) return post;
  const parent = parents[event.model];
  const page = pages[parent ? parent[1] : event.model];
  const id = parent ? idText(event.object[parent[0]]) : event.rowId;
  // A destroyed row has no page any more.
  if (page === undefined || id === null || !/^\d+$/.test(id) || (!parent && event.type === 'destroy')) return null;
  return `https://${metasmoke}/${page(id)}`;
}

/**
 * Returns true if a URL from a row may be shown as a link: https, http or protocol-relative, on metasmoke or a Stack
 * Exchange host, without a user, a port, or characters that a URL parser would correct (blanks, backslashes, controls).
 */
export function isTrustedUrl(url: string): boolean {
  if (!/^(https?:)?\/\/[a-z\d.-]+(?:[/?#][^\s\\\p{C}]*)?$/iu.test(url)) return false;
  const host = URL.parse(absoluteUrl(url))?.hostname;
  if (host === undefined) return false;
  return exactHosts.has(host) || isNetworkHost(host);
}

/** The links to metasmoke and Stack Exchange. */
export const links: SourceLinks = {
  ...{ pageOf: metasmokeLink, postPage: postLink },
  ...{ isTrusted: isTrustedUrl, read: readReference },
};

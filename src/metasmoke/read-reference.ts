import type { Reference } from '../catalogue/source-kind.ts';
import { postSubject } from '../catalogue/subject.ts';
import { currentHost, hostOfSite, isNetworkHost } from './network-hosts.ts';

/** `m.` is the short form that SmokeDetector and the userscripts write. */
const metasmokeHosts: ReadonlySet<string> = new Set(['metasmoke.erwaysoftware.com', 'm.erwaysoftware.com']);

const other = (what: string): Reference => ({ kind: 'other', what });

/** Reads a link to metasmoke or to a site of Stack Exchange, with or without its scheme; null for any other text. */
export function readReference(text: string): Reference | null {
  const url = urlOf(text);
  if (url === null) return null;
  const host = currentHost(url.hostname);
  if (metasmokeHosts.has(host)) return onMetasmoke(url);
  return isNetworkHost(host) ? onSite(host, url) : null;
}

function urlOf(text: string): URL | null {
  const written = text.replaceAll('&amp;', '&');
  const [, rest] = /^(?:https?:)?\/{0,2}([\p{L}\d-]+(?:\.[\p{L}\d-]+)+\.?(?::\d+)?(?:[/?#].*)?)$/iu.exec(written) ?? [];
  return rest === undefined ? null : URL.parse(`https://${rest}`);
}

/** Pages of metasmoke's rows, from https://github.com/Charcoal-SE/metasmoke/blob/master/config/routes.rb */
const pages: readonly (readonly [page: RegExp, model: string])[] = [
  [/^\/spammers\/(\d+)/, 'stack_exchange_user'],
  [/^\/domains\/tags\/(\d+)/, 'domain_tag'],
  [/^\/domains\/(\d+)/, 'spam_domain'],
  [/^\/reason\/(\d+)/, 'reason'],
  [/^\/smoke_detector\/(\d+)/, 'smoke_detector'],
  [/^\/abuse\/reports\/(\d+)/, 'abuse_report'],
  [/^\/abuse\/contacts\/(\d+)/, 'abuse_contact'],
  [/^\/abuse\/statuses\/(\d+)/, 'abuse_report_status'],
];

/** Pages of a post, also in the API: `/post/1`, `/post/1/flag_logs`, `/api/v2.0/posts/1`, `/api/v2.0/feedbacks/post/1`. */
const postPage = /^(?:\/api(?:\/v[\d.]+)?)?(?:\/[a-z_]+)?\/posts?\/(\d+)(?![\d,;])/;

function onMetasmoke({ pathname, searchParams }: URL): Reference {
  const [, post] = postPage.exec(pathname) ?? [];
  if (post !== undefined) return { kind: 'subject', subject: postSubject(post) };
  const [, site, native] = /^\/posts\/uid\/([^/]+)\/(\d+)/.exec(pathname) ?? [];
  if (site !== undefined && native !== undefined) return thePost('post', native, hostOfSite(decoded(site)));
  if (/^\/posts\/by-url\/?$/.test(pathname)) {
    const reported = readReference((searchParams.get('url') ?? '').trim());
    return reported ?? other('a page of metasmoke whose url is not a link to a post');
  }
  for (const [page, model] of pages) {
    const id = page.exec(pathname)?.[1];
    if (id !== undefined) return { kind: 'subject', subject: `${model}:${id}` };
  }
  return other('a page of metasmoke that is about no post');
}

/** Hosts beside the sites: chat, the API, pictures. */
const besideSites = /^(?:chat|api|data|openid|i|cdn)\.|^(?:stackexchange\.com|area51\.stackexchange\.com)$/;

function onSite(host: string, { pathname, hash }: URL): Reference {
  if (/^chat\./.test(host)) return other('a page of the chat of Stack Exchange');
  if (besideSites.test(host)) return other(`a page of ${host}`);
  // The comment is on the post behind the line: `#comment123_456`.
  const [, commented] = /^#comment\d+_(\d+)$/.exec(hash) ?? [];
  if (commented !== undefined) return thePost('post', commented, host);
  const [, kind, id, rest = ''] = /^\/(questions|q|a|posts|revisions)\/(\d+)(?:\/(.*))?$/.exec(pathname) ?? [];
  switch (kind) {
    case 'questions': {
      // `/questions/1/title/2#2` shows the answer 2.
      const [, answer] = /^[^/]*\/(\d+)\/?$/.exec(rest) ?? /^#(?:answer-)?(\d+)$/.exec(hash) ?? [];
      return answer === undefined ? thePost('question', id!, host) : thePost('answer', answer, host);
    }
    case 'q': {
      const [, answer] = /^#(\d+)$/.exec(hash) ?? [];
      return answer === undefined ? thePost('question', id!, host) : thePost('answer', answer, host);
    }
    case 'a':
      return thePost('answer', id!, host);
    case 'posts':
    case 'revisions':
      return thePost('post', id!, host);
    default:
      return other(
        /^\/posts\/comments\//.test(pathname) ? 'a comment without its post' : `a page of ${host} that is not a post`,
      );
  }
}

/** Returns a post by the forms in which its link is known; no question of a site has the id of an answer. */
function thePost(kind: 'question' | 'answer' | 'post', id: string, host: string): Reference {
  const number = id.replace(/^0+(?=\d)/, '');
  const links = ['questions', 'a', 'q'].map((path) => `//${host}/${path}/${number}`);
  return { kind: 'link', what: `${kind} ${number} on ${host}`, links };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

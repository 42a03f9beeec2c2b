import type { TextProblem } from '../catalogue/event-spec.ts';
import type { FetchedSite } from '../catalogue/fetched-post.ts';
import type { NamedSite } from '../router/condition-sites.ts';
import { nearest } from '../text/nearest.ts';

/** A site that the API listed. */
export type KnownSite = Pick<FetchedSite, 'name' | 'domain'>;

/**
 * Returns a doubt for each site of a condition that is not known, if a known one may be meant: by its full name (`Mathematics` is
 * `math.stackexchange.com`) or by a typo. Without a list of sites there are no doubts.
 */
export function siteDoubts(named: readonly NamedSite[], known: readonly KnownSite[]): readonly TextProblem[] {
  const domains = known.flatMap(({ domain }) => (domain === null ? [] : [domain.toLowerCase()]));
  return named.flatMap(({ offset, length, written, domain }): TextProblem[] => {
    if (domains.includes(domain)) return [];
    const meant = domainOf(written, known) ?? nearestDomain(domain, domains);
    if (meant === null) return [];
    return [{ offset, length, wrong: `no site ${domain} is known`, right: `did you mean ${meant}?` }];
  });
}

/** Returns the domain of the site that has a full name; null: none has it. */
function domainOf(name: string, known: readonly KnownSite[]): string | null {
  const words = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  return known.find((site) => words(site.name) === words(name))?.domain ?? null;
}

function nearestDomain(domain: string, domains: readonly string[]): string | null {
  const short = (one: string) => one.replace(/(?:\.stackexchange)?\.(?:com|net)$/, '');
  const found = nearest(short(domain), domains.map(short));
  return domains.find((one) => short(one) === found) ?? null;
}

import type { Database, Trx } from '../store/tables.ts';
import { noDetails, type PostDetails } from '../subjects/post-details.ts';
import type { PostState } from '../subjects/post-state.ts';
import { timeOf } from '../text/json.ts';
import { twinsOfOne } from './twins.ts';

/**
 * Returns the fetched details of a post that are not in its events; a site even if it was fetched for another post, and
 * the flaggers of its twins.
 */
export async function readDetails(
  db: Database | Trx,
  subject: string,
  { row }: Pick<PostState, 'row'>,
): Promise<PostDetails> {
  const subjects = [subject, ...(await twinsOfOne(db, subject))];
  const all = await db.selectFrom('post_details').selectAll().where('subject', 'in', subjects).execute();
  const details = all.find((one) => one.subject === subject);
  const siteId = details?.site_id ?? (typeof row.site_id === 'number' ? row.site_id : null);
  const site =
    siteId === null
      ? undefined
      : await db.selectFrom('sites').select(['name', 'domain', 'logo']).where('id', '=', siteId).executeTakeFirst();
  return {
    site: site ?? noDetails.site,
    reasons: details?.reasons == null ? noDetails.reasons : (JSON.parse(details.reasons) as PostDetails['reasons']),
    domains: details?.domains == null ? noDetails.domains : (JSON.parse(details.domains) as PostDetails['domains']),
    flagsAt: details?.flags_at ?? noDetails.flagsAt,
    flaggers: Object.assign({}, ...all.map(({ flaggers }) => JSON.parse(flaggers))) as PostDetails['flaggers'],
    // A row that changed since then is there.
    isAbsent: details?.absent_at != null && (timeOf(row.updated_at) ?? 0) <= details.absent_at,
  };
}

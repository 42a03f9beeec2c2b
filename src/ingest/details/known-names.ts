import { sql } from 'kysely';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { namedRows } from '../../catalogue/named-rows.ts';
import { idText } from '../../catalogue/subject.ts';
import { statement } from '../../store/statement.ts';
import type { Trx } from '../../store/tables.ts';
import type { Event } from '../../words.ts';

/** Most users and sites that are remembered; metasmoke has some thousands. Names of others are not requested. */
const MOST_KNOWN = 20_000;

/** The name of a user, by the id that other rows have. */
export interface UserName {
  readonly id: string;
  /** Null: the API does not have the user. */
  readonly name: string | null;
}

/** The domain of a site, by the id that other rows have. */
export interface SiteName {
  readonly id: number;
  /** Null: the API does not have it. */
  readonly domain: string | null;
  readonly name: string;
}

/** The names of users and sites in an event that are not stored yet. */
export interface NewNames {
  /** The name that the event has beside the id; null: none, or it is stored already. */
  readonly told: UserName | null;
  /** The subjects of users and sites whose names are not known: `user:5`, `site:4`. */
  readonly unknown: readonly string[];
}

export const noNames: NewNames = { told: null, unknown: [] };

/** Returns the name of the user that an event has beside the id; null: none. */
export function toldBy({ role, subject, rowId, origin, object }: Event): UserName | null {
  if (origin === 'derived') return null;
  const [id, name] =
    role === 'vote'
      ? [idText(object.user_id), object.user_name]
      : subject.startsWith(userPrefix)
        ? [rowId, object.username]
        : [null, null];
  return id !== null && typeof name === 'string' && name !== '' ? { id, name } : null;
}

const userPrefix = 'user:';
const sitePrefix = 'site:';

interface NamingColumn {
  readonly column: string;
  /** The beginning of the subjects of the rows that it names. */
  readonly prefix: string;
}

/** Remembers which users and sites have a stored name, so that an event about known ones costs no query. */
export class KnownNames {
  readonly #catalogue: Pick<Catalogue, 'model'>;
  /** Names by the subjects of users and sites, of a site its domain; null: the API does not have it. */
  readonly #names = new Map<string, string | null>();

  readonly #sites = new Map<number, SiteName>();
  readonly #columns = new Map<string, readonly NamingColumn[]>();

  constructor(catalogue: Pick<Catalogue, 'model'>) {
    this.#catalogue = catalogue;
  }

  async load(db: Pick<Trx, 'selectFrom'>): Promise<void> {
    const users = await db.selectFrom('user_names').selectAll().limit(MOST_KNOWN).execute();
    const sites = await db.selectFrom('sites').select(['id', 'name', 'domain']).limit(MOST_KNOWN).execute();
    for (const user of users) this.noteUser(user);
    for (const site of sites) this.noteSite(site);
  }

  /** Returns the names in an event that are not stored yet. `mayAsk`: unknown ones can be requested, and a message may show them. */
  of(event: Event, { mayAsk }: { readonly mayAsk: boolean }): NewNames {
    const told = toldBy(event);
    const isStored = told === null || this.#names.get(`${userPrefix}${told.id}`) === told.name;
    return { told: isStored ? null : told, unknown: mayAsk ? this.#unknownIn(event, told) : [] };
  }

  /** A report waits for nothing, and a derived event names what its trigger names. */
  #unknownIn({ role, origin, model, object }: Event, told: UserName | null): readonly string[] {
    if (role === 'report' || origin === 'derived' || this.#names.size >= MOST_KNOWN) return [];
    const unknown = new Set<string>();
    for (const { column, prefix } of this.#columnsOf(model)) {
      const id = idText(object[column]);
      if (id === null || !/^\d+$/.test(id) || this.#names.has(prefix + id)) continue;
      if (prefix !== userPrefix || id !== told?.id) unknown.add(prefix + id);
    }
    return [...unknown];
  }

  /** Returns the columns of a model that name users and sites. */
  #columnsOf(model: string): readonly NamingColumn[] {
    const known = this.#columns.get(model);
    if (known !== undefined) return known;
    const info = this.#catalogue.model(model);
    const found = Object.keys(info?.fields ?? {}).flatMap((column): NamingColumn[] => {
      const [subject = ''] = namedRows({ [column]: 0 }, info).values();
      const prefix = [userPrefix, sitePrefix].find((one) => subject.startsWith(one));
      return prefix === undefined ? [] : [{ column, prefix }];
    });
    if (info !== undefined) this.#columns.set(model, found);
    return found;
  }

  /** Call this when the name is committed. */
  noteUser({ id, name }: UserName): void {
    const subject = `${userPrefix}${id}`;
    this.#names.set(subject, name ?? this.#names.get(subject) ?? null);
  }

  /** Call this when the site is committed, or the API does not have it. */
  noteSite(site: SiteName): void {
    this.#names.set(`${sitePrefix}${site.id}`, site.domain?.toLowerCase() ?? null);
    if (site.domain !== null) this.#sites.set(site.id, site);
  }

  /** Returns all sites that are known. */
  sites(): readonly SiteName[] {
    return [...this.#sites.values()];
  }

  /** Returns the domain of a site; null: it is not known. */
  siteOf(id: number): string | null {
    return this.#names.get(`${sitePrefix}${id}`) ?? null;
  }
}

const putName = statement((db, { id, name }: UserName) =>
  db
    .insertInto('user_names')
    .values({ id, name })
    .onConflict((c) => c.column('id').doUpdateSet({ name: sql`coalesce(excluded.name, user_names.name)` })),
);

/** Stores the name of a user. A name that was told stays, if the API does not have the user. */
export async function storeUserName(trx: Trx, user: UserName): Promise<void> {
  await putName.run(trx, user);
}

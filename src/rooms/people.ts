import type { Message } from '../render/message.ts';
import { speak } from '../render/speak.ts';
import type { Database, Trx } from '../store/tables.ts';
import { excerpt } from '../text/excerpt.ts';
import { shownLine } from '../text/shown.ts';
import type { PlatformName } from '../words.ts';

/** A longer name is cut, in UTF-16 units. */
const longestName = 40;

/** Keeps the name that a person has now, for all that is shown of what they did. */
export async function keepName(
  trx: Trx,
  platform: PlatformName,
  person: { readonly id: string; readonly name: string },
): Promise<void> {
  const { id, name } = person;
  await trx
    .insertInto('people')
    .values({ platform, id, name })
    .onConflict((conflict) => conflict.columns(['platform', 'id']).doUpdateSet({ name }))
    .execute();
}

/** Returns a message with the names that are known of the people in it, beside their ids: `Ada (@ada:example.org)`. */
export async function addNames(
  db: Pick<Database, 'selectFrom'>,
  platform: PlatformName,
  message: Message,
): Promise<Message> {
  const ids = idsIn(message);
  if (ids.length === 0) return message;
  const rows = await db
    .selectFrom('people')
    .select(['id', 'name'])
    .where('platform', '=', platform)
    .where('id', 'in', ids)
    .execute();
  const names = new Map(rows.map(({ id, name }) => [id, shownName(name)]));
  return speak(message, (spoken) => {
    const name = spoken.kind === 'person' ? (names.get(spoken.id) ?? null) : null;
    return name === null ? spoken : { ...spoken, text: `${name} (${spoken.text})` };
  });
}

/** Returns the names of people by the address of a room of their platform, and their id; null for one that is not known. */
export async function readNames(db: Database): Promise<(address: string, id: string) => string | null> {
  const rows = await db.selectFrom('people').selectAll().execute();
  const names = new Map(rows.map(({ platform, id, name }) => [`${platform}:${id}`, shownName(name)]));
  return (address, id) => names.get(`${address.slice(0, address.indexOf(':'))}:${id}`) ?? null;
}

/** Returns true if a message names a person by their id. */
export function hasPeople(message: Message): boolean {
  return idsIn(message).length > 0;
}

function idsIn(message: Message): readonly string[] {
  const ids = new Set<string>();
  speak(message, (spoken) => {
    if (spoken.kind === 'person') ids.add(spoken.id);
    return spoken;
  });
  return [...ids];
}

/** Returns a name as it is shown; null for one that is empty, or that could be taken for somebody's id. */
function shownName(name: string): string | null {
  const shown = shownLine(excerpt(name.trim(), longestName));
  return shown === '' || /@\S*:|^\d{15,}$/.test(shown) ? null : shown;
}

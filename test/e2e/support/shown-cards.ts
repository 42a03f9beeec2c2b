import { DatabaseSync } from 'node:sqlite';
import type { DiscordDouble } from '../../support/discord/double.ts';
import type { RoomEvent } from './matrix-user.ts';

/** Returns the embeds of a channel's messages as they are shown in the end, as JSON. */
export function cardsOnDiscord(discord: DiscordDouble, channel: string): readonly string[] {
  return discord
    .messages(channel)
    .map(({ embeds }) =>
      embeds
        .map(({ title, description, color, footer, fields }) =>
          JSON.stringify({ title, description, color, footer, fields }, null, 2),
        )
        .join('\n'),
    );
}

/** Returns the final content of a room: the last text of each message. */
export function cardsOnMatrix(messages: readonly RoomEvent[]): readonly string[] {
  const texts = new Map<string, string>();
  for (const { event_id, content } of messages) {
    const relation = content['m.relates_to'] as { rel_type?: string; event_id: string } | undefined;
    const fresh = content['m.new_content'] as { body: string } | undefined;
    if (relation?.rel_type === 'm.replace' && fresh !== undefined) texts.set(relation.event_id, fresh.body);
    else texts.set(event_id, String(content.body));
  }
  return [...texts.values()];
}

/** Returns true if nothing waits in a store: every delivery is settled, every send answered, every card drawn. */
export function isQuiet(store: string): boolean {
  return isZero(
    store,
    `select (select count(*) from deliveries where state in ('waiting', 'planned'))
    + (select count(*) from messages where redraw_at is not null)
    + (select count(*) from sends where state = 'pending') n`,
  );
}

/** Returns true if all that was missed is fetched. */
export function isComplete(store: string): boolean {
  return isZero(store, 'select count(*) n from gaps where open_from is not null');
}

function isZero(store: string, query: string): boolean {
  const database = new DatabaseSync(store, { readOnly: true, timeout: 5_000 });
  try {
    return Number(database.prepare(query).get()?.n) === 0;
  } finally {
    database.close();
  }
}

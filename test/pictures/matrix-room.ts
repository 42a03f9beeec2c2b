import type { MatrixUser, RoomEvent } from '../e2e/support/matrix-user.ts';
import type { SynapseServer } from '../e2e/support/synapse-server.ts';

/** A Matrix room without encryption, with Lookout's account and a reader in it. */
export interface MatrixRoom {
  readonly alias: string;
  readonly bot: MatrixUser;
  readonly reader: MatrixUser;
  /** Returns the room as the reader's client receives it. */
  read(): Promise<ReadRoom>;
}

/** The content of a room for a client. */
export interface ReadRoom {
  readonly name: string;
  readonly topic: string;
  /** Display names by user id. */
  readonly names: Readonly<Record<string, string>>;
  /** Oldest first. */
  readonly messages: readonly RoomEvent[];
}

/** Creates both accounts and the room. */
export async function makeMatrixRoom(server: SynapseServer): Promise<MatrixRoom> {
  const bot = await server.createUser('lookout');
  const reader = await server.createUser('reader');
  const id = await reader.createRoom({ alias: 'smoke', invite: [bot] });
  const room = `/rooms/${encodeURIComponent(id)}`;

  /** https://spec.matrix.org/v1.16/client-server-api/ */
  async function call(user: MatrixUser, method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${server.url}/_matrix/client/v3${path}`, {
      method,
      headers: { authorization: `Bearer ${user.token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  await call(bot, 'PUT', `/profile/${encodeURIComponent(bot.id)}/displayname`, { displayname: 'Lookout' });
  await call(reader, 'PUT', `${room}/state/m.room.name`, { name: 'Smoke' });
  await call(reader, 'PUT', `${room}/state/m.room.topic`, { topic: 'What metasmoke hears, as it happens' });

  return {
    alias: '#smoke:localhost',
    bot,
    reader,
    async read() {
      const { name } = (await call(reader, 'GET', `${room}/state/m.room.name`)) as { name: string };
      const { topic } = (await call(reader, 'GET', `${room}/state/m.room.topic`)) as { topic: string };
      const members = (await call(reader, 'GET', `${room}/joined_members`)) as {
        joined: Record<string, { display_name?: string | null }>;
      };
      const names = Object.entries(members.joined).map(([user, profile]) => [user, profile.display_name ?? user]);
      return { name, topic, names: Object.fromEntries(names), messages: await reader.messages(id) };
    },
  };
}

import { type HoldingProxy, startHoldingProxy } from './holding-proxy.ts';
import type { MatrixUser } from './matrix-user.ts';
import type { Shown } from './oracle.ts';
import type { RoomName } from './stage.ts';
import { type Limits, startSynapse } from './synapse-server.ts';

/** A real homeserver with two rooms, Lookout's account and a reader's. */
export interface MatrixSide {
  /** The proxy between Lookout and the homeserver. */
  readonly proxy: HoldingProxy;
  readonly bot: MatrixUser;
  /** The reader's account, not Lookout's. */
  readonly reader: MatrixUser;
  /** Creates a third account. */
  createUser(name: string): Promise<MatrixUser>;
  /** Room ids; `marks` has the alias `#marks:localhost`, too. */
  readonly rooms: Readonly<Record<RoomName, string>>;
  /**
   * Returns the `marks` room as the reader reads it. Reading is work for the homeserver: do it at most a few times a
   * second.
   */
  shown(): Promise<readonly Shown[]>;
  stop(): Promise<void>;
}

export async function startMatrixSide(limits: Limits): Promise<MatrixSide> {
  const synapse = await startSynapse(limits);
  const proxy = await startHoldingProxy(synapse.url);
  const stop = async () => {
    await proxy.stop();
    await synapse.stop();
  };
  try {
    const bot = await synapse.createUser('lookout');
    const reader = await synapse.createUser('reader');
    const rooms = {
      marks: await reader.createRoom({ alias: 'marks', invite: [bot] }),
      looks: await reader.createRoom({ invite: [bot] }),
    };
    return {
      proxy,
      bot,
      reader,
      rooms,
      createUser: (name) => synapse.createUser(name),
      async shown() {
        const messages = await reader.messages(rooms.marks);
        return messages.flatMap(({ content, origin_server_ts: at }) =>
          marksIn(String(content.body)).map((mark) => ({ mark, at })),
        );
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns the events of a message, which lists them if there are several. */
export function marksIn(body: string): readonly string[] {
  const [, ...items] = body.split('\n- ');
  return items.length === 0 ? [body.trim()] : items.map((item) => item.trim());
}

import type { Log } from '../log.ts';
import type { Message } from '../render/message.ts';
import { code, list, messageOf, paragraph, typed } from '../render/say.ts';
import { logFailure } from '../store/log-failure.ts';
import type { Database } from '../store/tables.ts';
import { counted } from '../text/counted.ts';
import type { AccountId, PlatformName } from '../words.ts';

/** Most greetings in an hour and in a day, over all rooms: a person who may invite the bot could make it write everywhere. */
const MOST = [
  { greetings: 5, withinMs: 3_600_000 },
  { greetings: 20, withinMs: 24 * 3_600_000 },
] as const;

export interface GreetingOptions {
  readonly db: Database;
  /** Returns true if subscriptions can be made in a room by commands. */
  readonly takesSubscriptions: (place: Place) => Promise<boolean>;
  /** Returns true if another account speaks in a room, and answers there. */
  readonly isOfAnother: (place: Place) => Promise<boolean>;
  readonly source: { readonly name: string; readonly kind: { readonly example: string } };
  readonly now: () => number;
  readonly log: Log;
}

/**
 * Returns the greeting for a room that the bot was invited to, once for each room; null: it was greeted before, or too many were
 * lately. Never throws.
 */
export type Greet = (place: Place) => Promise<Message | null>;

/** A room by its resolved address, and the account that was invited. */
interface Place {
  readonly account: AccountId;
  readonly platform: PlatformName;
  readonly room: string;
}

export function createGreet({ db, takesSubscriptions, isOfAnother, source, now, log }: GreetingOptions): Greet {
  /** Returns true if a room is to be greeted now, which is noted before it happens: a crash loses a greeting, and repeats none. */
  async function note(address: string): Promise<boolean> {
    return db.transaction().execute(async (trx) => {
      const known = await trx.selectFrom('greetings').select('at').where('address', '=', address).executeTakeFirst();
      if (known !== undefined) return false;
      const recent = await trx.selectFrom('greetings').select('at').orderBy('at', 'desc').limit(20).execute();
      const full = MOST.find(
        ({ greetings, withinMs }) => recent.filter(({ at }) => at > now() - withinMs).length >= greetings,
      );
      if (full !== undefined) {
        const text = counted(full.greetings, 'room was', 'rooms were');
        log.info(
          { room: address },
          `${address} is not greeted: ${text} greeted in the last ${full.withinMs / 3_600_000} h`,
        );
        return false;
      }
      await trx.insertInto('greetings').values({ address, at: now() }).execute();
      return true;
    });
  }

  return async (place) => {
    const address = `${place.platform}:${place.room}`;
    try {
      if (await isOfAnother(place)) return null;
      return (await note(address)) ? greeting(address, source, await takesSubscriptions(place)) : null;
    } catch (err) {
      logFailure(log, err, { room: address }, `could not note the greeting of ${address}; it is not greeted`);
      return null;
    }
  };
}

function greeting(address: string, source: GreetingOptions['source'], takesSubscriptions: boolean): Message {
  const help = [typed('help'), ' says what I understand'];
  const status = [typed('status'), ' says whether events arrive'];
  const show = [typed(`subscribe ${source.kind.example}`), ' shows each new one here'];
  const listed = [typed('subscriptions'), ' says what this room hears'];
  return messageOf([
    paragraph(
      `Hello, I am Lookout, a bot. I say what happens on ${source.name}, as far as the people of a room want to hear it. Three commands to begin with:`,
    ),
    list(takesSubscriptions ? [help, show, listed] : [help, listed, status]),
    ...(takesSubscriptions
      ? []
      : [
          paragraph(
            'If nothing comes here, the operator has to add this room to the configuration: ',
            code(address),
            '.',
          ),
        ]),
  ]);
}

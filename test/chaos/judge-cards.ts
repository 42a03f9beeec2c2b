import { storedEvent } from '../../src/store/stored-event.ts';
import { foldPost } from '../../src/subjects/fold-post.ts';
import { countVotes, type PostState } from '../../src/subjects/post-state.ts';
import type { Event } from '../../src/words.ts';
import type { TrialStore } from './trial-store.ts';

/** The template of the room with cards: the state of a post on one line. */
export const cardTemplate =
  'card|{{event.url}}|{{card.state}}|{{default card.tp.count 0}}|{{default card.fp.count 0}}|{{default card.comments 0}}\n';

/** One message of the room with cards. */
export interface CardMessage {
  /** One line for each card in it. */
  readonly lines: readonly string[];
  /** True if it continues an earlier message that can no longer be changed. */
  readonly isAnswer: boolean;
}

export interface CardsVerdict {
  /** Reports without a card, and cards that do not show the state of their post. */
  readonly lost: readonly string[];
  readonly duplicated: readonly string[];
}

type StoredRow = Parameters<typeof storedEvent>[0];

/**
 * Compares the cards of a room with the states of the posts in Lookout's store. A post whose destroy was missed may be
 * shown as absent, if `inApi`, the ids of the posts that the API lists, has none of it.
 */
export async function judgeCards(
  store: TrialStore,
  address: string,
  { messages, inApi }: { readonly messages: readonly CardMessage[]; readonly inApi: ReadonlySet<string> },
): Promise<CardsVerdict> {
  const events = (await store.all<StoredRow>('select * from events order by id')).map(storedEvent);
  const reported = await store.all<{ readonly subject: string; readonly state: string }>(
    `select d.subject, d.state from deliveries d join rooms r on r.id = d.room_id
     where r.address = '${address}' and d.state <> 'dead'`,
  );

  const bySubject = Map.groupBy(events, ({ subject }) => subject);
  const lost: string[] = [];
  const duplicated: string[] = [];
  for (const { subject, state } of reported) {
    const wanted = lineOf(subject, foldPost(bySubject.get(subject) ?? ([] as Event[])));
    const start = wanted.slice(0, wanted.indexOf('|', 'card|'.length) + 1);
    const shown = messages.filter(({ lines }) => lines.some((line) => line.startsWith(start)));
    const last = shown.at(-1)?.lines.find((line) => line.startsWith(start));
    const isGone = wanted.includes('|stands|') && !inApi.has(subject.slice('post:'.length));
    const mayBe = isGone ? [wanted, wanted.replace('|stands|', '|absent|')] : [wanted];
    if (last === undefined || !mayBe.includes(last))
      lost.push(`cards: ${wanted} (${state}) is shown as ${last ?? 'nothing'}`);
    if (shown.filter(({ isAnswer }) => !isAnswer).length > 1)
      duplicated.push(`cards: ${subject} has ${shown.length} cards`);
  }
  return { lost, duplicated };
}

function lineOf(subject: string, state: PostState): string {
  const { tp, fp } = countVotes(state);
  const url = `https://metasmoke.erwaysoftware.com/post/${subject.slice('post:'.length)}`;
  return ['card', url, state.fate, tp, fp, state.comments.length].join('|');
}

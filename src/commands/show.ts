import { postIdOf, postSubject } from '../catalogue/subject.ts';
import { platformOf } from '../config/platform.ts';
import { htmlText } from '../render/helpers/html-text.ts';
import type { Block, Inline } from '../render/message.ts';
import { code, lines as codeLines, list, paragraph, spoiler, typed } from '../render/say.ts';
import type { Database } from '../store/tables.ts';
import { readPost, readStates } from '../subject-rows/known-post.ts';
import type { PostState } from '../subjects/post-state.ts';
import { excerpt } from '../text/excerpt.ts';
import { shown } from '../text/shown.ts';
import type { Json } from '../words.ts';
import { type Command, type Outcome, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { subjectsOf } from './find-subjects.ts';
import { hiddenIn } from './hidden-in.ts';
import { readTarget, type TargetParts } from './read-target.ts';
import { readHeld, refusalOfHeld, type ShowHeldParts, showHeld } from './show-held.ts';
import { newestReport, postsOfMessage } from './shown-posts.ts';

export interface ShowParts extends TargetParts {
  readonly db: Database;
  /** The part of `show held`. */
  readonly held: ShowHeldParts;
}

/** Limits of a body that is shown, in UTF-16 units and lines. */
const mostUnits = 1_500;
const mostLines = 40;
/** Limit of HTML that is read for a body, UTF-16 units. A body may have 16 MiB. */
const mostHtml = 65_536;
const mostTitle = 200;
const mostName = 60;
/** Of a message about more posts the first so many are listed. */
const mostPosts = 20;

export function createShow(parts: ShowParts): Command {
  return {
    name: 'show',
    description: 'Show the text of a reported post, or what a mute held back; to you alone where the chat can',
    who: 'everyone',
    options: [
      {
        name: 'post',
        type: 'message',
        description: 'A link to it (on any site) or to its message, post:123, or held: what a mute held back',
        required: false,
        place: 'rest',
      },
    ],
    examples: [
      'show',
      'show post:123',
      'show https://metasmoke.erwaysoftware.com/post/123',
      'show held',
      'show held m12 now',
    ],
    async run(call) {
      const { values, room, about } = call;
      const held = readHeld(values.post ?? '');
      if (held !== null) return showHeld(parts.held, held, call);
      const unclear = refusalOfHeld(values.post ?? '');
      if (unclear !== null) return unclear;
      const found = await postsOf(parts, values.post ?? null, room, about);
      if ('outcome' in found) return found;
      const [first, ...more] = found;
      if (first === undefined)
        return refused(
          paragraph(
            'No stored post is meant by that: a message is about none, or is too old. Write ',
            typed('show post:123'),
            '.',
          ),
        );
      if (more.length > 0) return { outcome: 'done', say: await choiceOf(parts.db, found, room) };
      const { state } = await readPost(parts.db, first);
      if (Object.keys(state.row).length === 0)
        return refused(
          paragraph('The report of ', code(first), ' is not stored: it never reached us, or it was too long ago.'),
        );
      const isAlone = room.direct || platformOf(parts.platforms, room.platform).answersAlone;
      const hidden = await hiddenIn(room, parts.db, [first]);
      const title = titleOf(state);
      const head = headOf(first, state, hidden.has(first) ? spoiler(title) : title);
      return { outcome: 'done', say: [head, ...bodyOf(state, isAlone)] };
    },
  };
}

/** Returns the posts that are meant: those of a message, one by its id, or the newest of the room. */
async function postsOf(
  parts: ShowParts,
  written: string | null,
  room: CommandRoom,
  about: string | null,
): Promise<readonly string[] | Outcome> {
  const { db } = parts;
  const ofMessage = async (id: string) => (room.id === null ? [] : postsOfMessage(db, room.id, id));
  if (written === null) {
    if (about !== null) return ofMessage(about);
    const newest = room.id === null ? null : await newestReport(db, room.id);
    return newest === null
      ? refused(paragraph('This room shows no report yet. Write ', typed('show post:123'), ' for a certain one.'))
      : [newest];
  }
  const target = readTarget(written, parts);
  if (target.kind === 'message') return ofMessage(target.platformId);
  if (target.kind === 'number') {
    const posts = await ofMessage(target.number);
    return posts.length > 0 ? posts : [postSubject(target.number)];
  }
  const subjects = await subjectsOf(db, target, { written, command: 'show' });
  if ('outcome' in subjects) return subjects;
  const [subject = ''] = subjects;
  if (postIdOf(subject) !== null) return [subject];
  return refused(paragraph(code(subject), ' is not a post. Write a link to one, or ', typed('show post:123'), '.'));
}

/** Says how to show each of the posts of one message. */
async function choiceOf(db: Database, subjects: readonly string[], room: CommandRoom): Promise<readonly Block[]> {
  const some = subjects.slice(0, mostPosts);
  const states = await readStates(db, some);
  const hidden = await hiddenIn(room, db, some);
  const items = some.map((subject): readonly (string | Inline)[] => {
    const title = titleOf(states.get(subject));
    return [typed(`show ${subject}`), ' ', hidden.has(subject) ? spoiler(title) : title];
  });
  const left = subjects.length - some.length;
  return [
    paragraph(`That message is about ${subjects.length} posts. Show one of them:`),
    list(left === 0 ? items : [...items, [`and ${left} more`]]),
  ];
}

function headOf(subject: string, state: PostState, title: string | Inline): Block {
  const { username, user_reputation: reputation } = state.row;
  const facts = [
    typeof username === 'string' && username.trim() !== '' ? `by ${excerpt(username, mostName)}` : 'author unknown',
    ...(typeof reputation === 'number' ? [`${reputation} rep`] : []),
    ...(state.site === null ? [] : [state.site]),
    ...(state.fate === 'stands' ? [] : [state.fate === 'deleted' ? 'deleted' : 'report removed']),
  ];
  return paragraph(title, { kind: 'break' }, code(subject), ...facts.map((fact) => ` · ${fact}`));
}

function titleOf(state: PostState | undefined): string {
  const title = excerpt(state?.title ?? '', mostTitle);
  return title.trim() === '' ? '(no title)' : title;
}

/**
 * Returns the text of a post, literal, with the addresses of its links as text. `isAlone`: the asker alone sees it; a
 * room that sees it with them has to open it first.
 */
function bodyOf({ row }: PostState, isAlone: boolean): readonly Block[] {
  const text = textOf(row.body);
  if (text === null) return [paragraph('No body is stored: the source did not send one, or it is too old to be kept.')];
  if (text === '') return [paragraph('Its body has no text.')];
  const kept = excerpt(text.split('\n').slice(0, mostLines).join('\n'), mostUnits).trimEnd();
  return [
    isAlone ? codeLines(kept) : { kind: 'paragraph', children: [{ kind: 'spoiler', children: codesOf(kept) }] },
    ...(kept === text && String(row.body).length <= mostHtml ? [] : [paragraph('Only the beginning is shown.')]),
  ];
}

/** Returns lines as code, which no chat makes into links or mentions. */
function codesOf(text: string): readonly Inline[] {
  return text
    .split('\n')
    .flatMap((line, index): readonly Inline[] => [
      ...(index === 0 ? [] : [{ kind: 'break' } as const]),
      ...(line.trim() === '' ? [] : [{ kind: 'code', text: line } as const]),
    ]);
}

/** Returns the text of a body in HTML; null if there is no body. */
function textOf(body: Json | undefined): string | null {
  return typeof body === 'string' && body !== '' ? shown(htmlText(body.slice(0, mostHtml))).trim() : null;
}

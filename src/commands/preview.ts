import { postSubject } from '../catalogue/subject.ts';
import type { Templates } from '../render/load-templates.ts';
import type { Rendered } from '../render/renderer.ts';
import { code, paragraph, typed } from '../render/say.ts';
import type { Database } from '../store/tables.ts';
import type { Event } from '../words.ts';
import { type Command, type Refused, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { subjectsOf } from './find-subjects.ts';
import { readTarget, type TargetParts } from './read-target.ts';
import { postsOfMessage } from './shown-posts.ts';
import { refusalOfTemplate } from './unknown-template.ts';

export interface PreviewParts extends TargetParts {
  readonly db: Database;
  readonly templates: Templates;
  /** The newest event of a subject that the room heard of or would hear of; without a subject a recent one of the template's model, else a sample. */
  readonly example: (template: string, subject: string | null, room: CommandRoom) => Promise<Event | null>;
  readonly render: (event: Event, template: string, room: CommandRoom) => Promise<Rendered>;
}

export function createPreview(parts: PreviewParts): Command {
  const { templates, example, render } = parts;
  return {
    name: 'preview',
    description: 'Show a template with a recent or sample event, to you alone where the chat can',
    who: 'everyone',
    options: [
      {
        name: 'template',
        type: 'template',
        description: 'Its name; without it all are listed',
        required: false,
        place: 'word',
      },
      {
        name: 'event',
        type: 'message',
        description: 'A link to a post or what an event is about, as post:123; without it a recent one',
        required: false,
        place: 'rest',
      },
    ],
    examples: ['preview post', 'preview flag_log post:123'],
    async run({ values, room }) {
      const { template } = values;
      if (template === undefined)
        return {
          outcome: 'done',
          say: [paragraph(`Templates: ${templates.names.join(', ')}. `, typed('preview post'), ' shows one.')],
        };
      const unknown = refusalOfTemplate(template, templates);
      if (unknown !== null) return unknown;
      const subject = values.event === undefined ? null : await subjectMeant(parts, values.event, room);
      if (subject !== null && typeof subject !== 'string') return subject;
      const event = await example(template, subject, room);
      if (event === null) return refused(paragraph('This room received no such event: ', code(subject ?? 'none'), '.'));
      const { message, failure } = await render(event, template, room);
      if (failure === null) return { outcome: 'done', say: message };
      return refused(paragraph('It fails on ', code(event.subject), `: ${failure.message}`));
    },
  };
}

/** Returns the subject that is meant, of a message that of its first post. */
async function subjectMeant(parts: PreviewParts, written: string, room: CommandRoom): Promise<string | Refused> {
  const { db } = parts;
  const target = readTarget(written, parts);
  if (target.kind === 'number') return postSubject(target.number);
  if (target.kind === 'message') {
    const [post] = room.id === null ? [] : await postsOfMessage(db, room.id, target.platformId);
    return post ?? refused(paragraph('That link leads to no message of this room that is about a post.'));
  }
  const subjects = await subjectsOf(db, target, { written, command: 'preview post' });
  return 'outcome' in subjects ? subjects : (subjects[0] ?? written);
}

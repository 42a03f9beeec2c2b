import type { Templates } from '../render/load-templates.ts';
import type { Rendered } from '../render/renderer.ts';
import { code, paragraph } from '../render/say.ts';
import type { Event } from '../words.ts';
import { type Command, refused } from './command.ts';
import type { CommandRoom } from './command-room.ts';
import { refusalOfTemplate } from './unknown-template.ts';

export interface PreviewParts {
  readonly templates: Templates;
  /** The newest event of a subject that the room heard of or would hear of; without a subject a recent one of the template's model, else a sample. */
  readonly example: (template: string, subject: string | null, room: CommandRoom) => Promise<Event | null>;
  readonly render: (event: Event, template: string, room: CommandRoom) => Promise<Rendered>;
}

export function createPreview({ templates, example, render }: PreviewParts): Command {
  return {
    name: 'preview',
    description: 'Show a template with a recent or sample event, to you alone where the chat can',
    who: 'everyone',
    options: [
      { name: 'template', type: 'template', description: 'Its name', required: true, place: 'word' },
      {
        name: 'event',
        type: 'message',
        description: 'An event’s subject, as post:123; without it a recent one',
        required: false,
        place: 'word',
      },
    ],
    examples: ['preview post', 'preview flag_log post:123'],
    async run({ values, room }) {
      const template = values.template ?? '';
      const unknown = refusalOfTemplate(template, templates);
      if (unknown !== null) return unknown;
      const event = await example(template, values.event ?? null, room);
      if (event === null)
        return refused(paragraph('This room received no such event: ', code(values.event ?? 'none'), '.'));
      const { message, failure } = await render(event, template, room);
      if (failure === null) return { outcome: 'done', say: message };
      return refused(paragraph('It fails on ', code(event.subject), `: ${failure.message}`));
    },
  };
}

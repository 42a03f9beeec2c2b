import { code, list, paragraph, typed } from '../render/say.ts';
import { nearest } from '../text/nearest.ts';
import { type Command, refused } from './command.ts';
import { listed, usage } from './read-line.ts';

/** `help` over a table that it stands in itself. */
export function createHelp(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    description: 'Say what commands there are, or what one does',
    who: 'everyone',
    options: [
      { name: 'command', type: 'command', description: 'The command in question', required: false, place: 'word' },
    ],
    examples: ['help', 'help mute'],
    run({ values }) {
      if (values.command === undefined)
        return {
          outcome: 'done',
          say: [list(commands().map((command) => [typed(usage(command)), ` ${command.description}`]))],
        };
      const name = values.command.toLowerCase().replace(/^\W+/, '');
      const command = commands().find((each) => each.name === name);
      if (command !== undefined) return { outcome: 'done', say: explain(command) };
      const meant = nearest(
        name,
        commands().map((each) => each.name),
      );
      return refused(
        paragraph(
          'There is no command ',
          code(values.command),
          ...(meant === null ? ['. Commands are '] : [': did you mean ', typed(meant), '?']),
          ...(meant === null ? [...listed(commands().map((each) => each.name)), '.'] : []),
        ),
      );
    },
  };
}

function explain(command: Command) {
  const mayUse =
    command.who === 'everyone' ? 'Everyone in the room may use it.' : 'Only people who may change the room may use it.';
  return [
    paragraph(typed(usage(command)), ` ${command.description}. ${mayUse}`),
    ...(command.options.length === 0
      ? []
      : [list(command.options.map((option) => [code(option.name), ` ${option.description}`]))]),
    list(command.examples.map((example) => [typed(example)])),
  ];
}

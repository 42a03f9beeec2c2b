import { stripVTControlCharacters } from 'node:util';
import type { SendRequest } from '../adapters/adapter.ts';
import type { DrawSketch } from '../adapters/sketch.ts';
import type { Config } from '../config/config.ts';
import { createLog } from '../log.ts';
import type { Message } from '../render/message.ts';
import { counted } from '../text/counted.ts';
import { readCommanded } from '../trial/commanded.ts';
import { type ReplayedRoom, replay } from '../trial/replay.ts';
import type { PlatformName } from '../words.ts';
import type { CommandLine } from './command-line.ts';
import { eventsIn, withEventErrorsTold } from './event-input.ts';
import { extensions } from './extensions.ts';
import type { ExitCode } from './terminal.ts';

export interface ReplayArguments {
  /** A file with an event in each line, or `-`. */
  readonly file: string;
  /** Factor by which time passes faster than it did. */
  readonly speed: number;
  /** True: no message is shown and nothing is waited for. */
  readonly dryRun: boolean;
  /** False: what commands changed is left out. */
  readonly store: boolean;
}

const columnsOfFile = 100;

/** Runs `lookout replay`: shows what the rooms would get, then counts it. Ctrl-C ends it early. */
export async function replayCommand(config: Config, said: ReplayArguments, line: CommandLine): Promise<ExitCode> {
  const { terminal } = line;
  const stopping = new AbortController();
  line.onSignal(() => stopping.abort());
  const log = createLog({
    write: terminal.styled,
    ...{ forPeople: terminal.errIsTerminal, color: terminal.errColor, level: 'warn', secrets: () => config.secrets },
  });
  return withEventErrorsTold(said.file, terminal, async () => {
    const { events, rooms } = await replay(eventsIn(said.file, config, terminal), {
      ...{ ...extensions, config, log, version: line.version, now: Date.now(), signal: stopping.signal },
      commanded: said.store ? await readCommanded(config.store) : null,
      speed: said.dryRun ? null : said.speed,
      onSend: said.dryRun ? async () => {} : printer(config, line),
    });
    const text = `${[counted(events, 'event'), ...rooms.map(roomText)].join('\n')}\n`;
    if (said.dryRun) terminal.out(text);
    else terminal.err(text);
    return 0;
  });
}

/** `smoke: 12 sent in 10 messages, 4 edits; 2 muted` */
function roomText({ room, events, requests }: ReplayedRoom): string {
  const { sent, ...others } = events;
  const { create = 0, edit = 0, reply = 0, thread = 0, react = 0 } = requests;
  const parts = [
    counted(create + reply + thread, 'message'),
    edit === 0 ? '' : counted(edit, 'edit'),
    react === 0 ? '' : counted(react, 'reaction'),
  ].filter((part) => part !== '');
  const left = Object.entries(others).flatMap(([state, count]) => (count === 0 ? [] : [`${count} ${state}`]));
  return `  ${room}: ${counted(sent, 'event')} in ${parts.join(', ')}${left.length === 0 ? '' : `; ${left.join(', ')}`}`;
}

/** Returns the function that shows a request on the terminal. */
function printer({ rooms }: Config, { terminal, write }: CommandLine) {
  const draw = extensions.platforms.find(({ settings }) => settings.example === null)?.sketch;
  if (draw === undefined) throw new Error('nothing draws messages for the terminal');
  const names = new Map(rooms.map(({ address, name }) => [address, name]));
  return async (platform: PlatformName, request: SendRequest, at: number) => {
    const address = `${platform}:${request.room}`;
    const text = await requestText(draw, request, {
      room: names.get(address) ?? address,
      at,
      columns: terminal.outColumns ?? columnsOfFile,
    });
    await write(terminal.outColor ? text : stripVTControlCharacters(text));
  };
}

async function requestText(
  draw: DrawSketch,
  { payload, action = { kind: 'create' } }: SendRequest,
  { room, at, columns }: { readonly room: string; readonly at: number; readonly columns: number },
): Promise<string> {
  const time = new Date(at).toISOString().slice(11, 19);
  switch (action.kind) {
    case 'react':
      return `${room}, ${time}: reaction ${payload}\n\n`;
    case 'redact':
      return `${room}, ${time}: a reaction is taken away\n\n`;
    case 'create':
    case 'edit':
    case 'reply':
    case 'thread': {
      const head = action.kind === 'create' ? `${room}, ${time}` : `${room}, ${time}, ${said[action.kind]}`;
      const parts: string[] = [];
      for (const message of payload.split('\n')) {
        const { text } = await draw(JSON.parse(message) as Message, { room: head, columns, mentions: [], at });
        parts.push(parts.length === 0 ? text : text.slice(text.indexOf('\n') + 1));
      }
      return `${parts.join('\n')}\n`;
    }
    default:
      return action satisfies never;
  }
}

const said = { edit: 'edited', reply: 'a reply', thread: 'in a thread' } as const;

import { writeFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Sketch } from '../adapters/sketch.ts';
import { terminalPlatform } from '../adapters/terminal-platform.ts';
import type { EventSpec } from '../catalogue/event-spec.ts';
import type { CommandRoom } from '../commands/command-room.ts';
import { problemLine } from '../config/check.ts';
import type { Config } from '../config/config.ts';
import { unknownFieldsTried } from '../config/template-fields.ts';
import { silentLog } from '../log.ts';
import { page } from '../pictures/page.ts';
import { takePicture } from '../pictures/take-picture.ts';
import { findNamedRoom } from '../rooms/named-room.ts';
import { MissingPartError } from '../text/missing-part.ts';
import { nearest } from '../text/nearest.ts';
import { printedJson } from '../text/printed.ts';
import { writeErrorText } from '../text/write-error-text.ts';
import { drawTemplate } from '../trial/draw-template.ts';
import type { RecordedMessage } from '../trial/read-event.ts';
import type { CommandLine } from './command-line.ts';
import { eventsIn, recorded, samplesNamed, withEventErrorsTold } from './event-input.ts';
import { extensions } from './extensions.ts';
import type { FileOrSample } from './file-or-sample.ts';
import type { ExitCode, Terminal } from './terminal.ts';

export type RenderForm = 'text' | 'json' | 'html' | 'png';

export interface RenderArguments extends FileOrSample {
  readonly template: string;
  /** Null: that of the room, else the terminal. */
  readonly platform: string | null;
  /** The name of a room of the configuration; null: one that is made up. */
  readonly room: string | null;
  readonly as: RenderForm;
  /** The file to write; null: standard output. */
  readonly out: string | null;
}

/** Widths: CSS pixels of a picture, columns of a text. */
const pictureWidth = 760;
const textColumns = 100;

/** Runs `lookout render`: exits with 1 if the template fails on the event, or something for a picture is missing. */
export async function renderCommand(config: Config, said: RenderArguments, line: CommandLine): Promise<ExitCode> {
  const { terminal } = line;
  const room = roomOf(config, said, terminal);
  if (room === null || !isTemplate(said.template, config, terminal)) return 2;
  return withEventErrorsTold(said.file, terminal, async () => {
    const now = Date.now();
    const { messages, wanted } = await messagesOf(config, said, now, terminal);
    const parts = { ...extensions, config, version: line.version, log: silentLog };
    const drawn = await drawTemplate({ ...parts, template: said.template, room, messages, wanted, now });
    if (drawn === null) {
      terminal.err(`--sample ${said.sample}: it does not follow from the samples\n`);
      return 1;
    }
    const { event, rendered } = drawn;
    if (rendered.failure !== null) {
      const what = `${event.model}#${event.type} ${event.subject}`;
      terminal.err(
        `${config.templates.get(said.template)?.file}: error: it fails on ${what}: ${rendered.failure.message}\n`,
      );
      return 1;
    }
    for (const problem of unknownFieldsTried(config, said.template, event.model))
      terminal.err(`${problemLine(problem)}\n`);
    const draw = extensions.platforms.find(({ name }) => name === room.platform)?.sketch;
    if (draw === undefined) throw new Error(`nothing draws messages of ${room.platform}`);
    const columns = terminal.outColumns ?? textColumns;
    const sketch = await draw(rendered.message, { room: room.name, columns, mentions: [], at: event.receivedAt });
    return write(sketch, said, line);
  });
}

async function messagesOf(
  config: Config,
  { file, sample }: FileOrSample,
  now: number,
  terminal: Terminal,
): Promise<{
  readonly messages: readonly RecordedMessage[];
  readonly wanted: EventSpec | null;
}> {
  const messages: RecordedMessage[] = [];
  if (sample === null) {
    for await (const message of eventsIn(file ?? '-', config, terminal)) messages.push(message);
    return { messages, wanted: null };
  }
  const samples = await samplesNamed(sample, config, now);
  for await (const message of recorded(samples.messages)) messages.push(message);
  return { messages, wanted: samples.spec };
}

async function write(sketch: Sketch, { as, out }: RenderArguments, line: CommandLine): Promise<ExitCode> {
  const { terminal, environment } = line;
  try {
    const made = await inForm(sketch, as, environment.CHROMIUM ?? null);
    if (out === null)
      await line.write(as === 'text' && !terminal.outColor ? stripVTControlCharacters(String(made)) : String(made));
    else {
      writeFileSync(out, as === 'text' ? stripVTControlCharacters(String(made)) : made);
      terminal.err(`${out}: written\n`);
    }
    return 0;
  } catch (err) {
    const text = err instanceof MissingPartError ? err.message : out === null ? null : writeErrorText(out, err);
    if (text === null) throw err;
    terminal.err(`${text}\n`);
    return 1;
  }
}

async function inForm(sketch: Sketch, as: RenderForm, browser: string | null): Promise<string | Buffer> {
  switch (as) {
    case 'text':
      return sketch.text;
    case 'json':
      return printedJson(JSON.parse(sketch.payload));
    case 'html':
      return `${page(await sketch.html())}\n`;
    case 'png':
      return takePicture(page(await sketch.html()), { width: pictureWidth, browser });
    default:
      return as satisfies never;
  }
}

function isTemplate(name: string, { templates }: Config, terminal: Terminal): boolean {
  if (templates.get(name) !== undefined) return true;
  const meant = nearest(name, templates.names);
  const right = meant === null ? `templates are ${templates.names.join(', ')}` : `did you mean ${meant}?`;
  terminal.err(`there is no template "${name}": ${right}\n`);
  return false;
}

/** Returns the room that a message is drawn for; null after printing that there is none. */
function roomOf({ rooms }: Config, { room: named, platform }: RenderArguments, terminal: Terminal): CommandRoom | null {
  const ofTrial = { id: null, resolved: '', direct: false, wallAheadMs: 0 } as const;
  if (named === null) {
    const chosen = platform ?? terminalPlatform;
    return {
      ...ofTrial,
      name: 'room',
      address: `${chosen}:room`,
      ...{ platform: chosen, account: chosen },
      timeZone: 'UTC',
      masksOffensive: false,
    };
  }
  const found = findNamedRoom(named, rooms);
  if (found.outcome === 'found') return { ...ofTrial, ...found.room, platform: platform ?? found.room.platform };
  terminal.err(`--room: ${found.error}\n`);
  return null;
}

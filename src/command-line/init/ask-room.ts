import type { Platform } from '../../adapters/platform.ts';
import { type Questions, SetupError } from '../../adapters/setup.ts';
import { terminalPlatform } from '../../adapters/terminal-platform.ts';
import { parseEventSpec } from '../../catalogue/event-spec.ts';
import type { SourceKind } from '../../catalogue/source-kind.ts';
import { parseAddress } from '../../config/address.ts';
import { roomName } from '../../config/read-rooms.ts';
import { extensions } from '../extensions.ts';
import type { RoomAnswer, SubscriptionAnswer } from './config-text.ts';

/** Asks for the rooms of a platform, one at least. `taken`: names that other rooms have. */
export async function askRooms(
  platform: Platform,
  questions: Questions,
  taken: readonly string[],
): Promise<readonly RoomAnswer[]> {
  const rooms: RoomAnswer[] = [];
  do {
    const names = [...taken, ...rooms.map(({ name }) => name)];
    rooms.push(await askRoom(platform, questions, names));
  } while (await questions.confirm({ text: `Another room on ${platform.title}?`, option: null, byDefault: 'no' }));
  return rooms;
}

async function askRoom(platform: Platform, questions: Questions, taken: readonly string[]): Promise<RoomAnswer> {
  const help = platform.setup?.roomHelp ?? platform.address.forms.join(' or ');
  const written = await questions.ask({
    text: `A room on ${platform.title} (${help})`,
    option: '--room',
    check: (text) => addressTrouble(text, platform),
  });
  const name = await questions.ask({
    text: 'A name for it in the configuration',
    option: '--room',
    byDefault: freeName(taken),
    check: (text) => nameTrouble(text, taken),
  });
  const heard = await questions.ask({
    text: `What it gets (${presetNames}, several with commas, or an event spec such as ${kind?.example})`,
    option: '--events',
    byDefault: 'reports',
    check: (text) => problemIn(() => readSubscriptions(text)),
  });
  return { name, address: addressOn(written, platform), subscriptions: readSubscriptions(heard) };
}

/** Reads a room of `--room`: `smoke=discord:123456789012345678`. Throws a `SetupError` if it is wrong. */
export function readRoom(text: string, heard: string): RoomAnswer & { readonly platform: string } {
  const [, name = '', address = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!roomName.test(name)) throw new SetupError(`--room: write name=address, such as smoke=${exampleAddress()}`);
  const read = parseAddress(address, extensions.platforms);
  if (read.outcome === 'problem') throw new SetupError(`--room: ${read.wrong}: ${read.right}`);
  return { name, address: read.address, platform: read.platform, subscriptions: readSubscriptions(heard) };
}

/** An address of a room, for help. */
export const exampleAddress = () => extensions.platforms[0]?.address.example ?? `${terminalPlatform}:smoke`;

const [kind] = extensions.inputs as readonly SourceKind[];

/** The choices for a newcomer, by the word that chooses them: the role of a model whose new rows the room gets. */
const presets = { reports: 'report', votes: 'vote', flags: 'flag', deletions: 'deletion' } as const;
const presetNames = Object.keys(presets).join(', ');

/** Reads what a room is to get. Throws a `SetupError` if it is wrong. */
function readSubscriptions(text: string): readonly SubscriptionAnswer[] {
  const catalogue = kind!.createCatalogue([]);
  const words = [...new Set(text.split(',').map((word) => word.trim().toLowerCase()))];
  if (words.every((word) => Object.hasOwn(presets, word)))
    return words.map((word) => {
      const role = presets[word as keyof typeof presets];
      return { events: `${catalogue.ofRole(role)?.name}#create`, card: role === 'report' };
    });
  const parsed = parseEventSpec(text, catalogue);
  if (parsed.outcome === 'ok') return [{ events: text, card: false }];
  throw new SetupError(parsed.problems.map(({ wrong, right }) => `${wrong}: ${right}`).join('; '));
}

function problemIn(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (err) {
    if (err instanceof SetupError) return err.message;
    throw err;
  }
}

/** Adds the platform's name to an address that is written without it. */
function addressOn(text: string, { name }: Platform): string {
  const read = parseAddress(text.startsWith(`${name}:`) ? text : `${name}:${text}`, extensions.platforms);
  return read.outcome === 'address' ? read.address : text;
}

function addressTrouble(text: string, platform: Platform): string | null {
  const { name, address } = platform;
  const read = address.read(text.startsWith(`${name}:`) ? text.slice(name.length + 1) : text);
  return read.outcome === 'address' ? null : `${read.wrong}: ${read.right}`;
}

function nameTrouble(text: string, taken: readonly string[]): string | null {
  if (!roomName.test(text)) return 'up to 64 letters, digits, ., - and _';
  return taken.includes(text) ? `another room is called ${text}` : null;
}

function freeName(taken: readonly string[]): string {
  for (let at = 1; ; at++) {
    const name = at === 1 ? 'smoke' : `smoke${at}`;
    if (!taken.includes(name)) return name;
  }
}

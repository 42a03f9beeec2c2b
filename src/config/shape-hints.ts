import type { Remedy } from '../text/remedy.ts';
import { withPlatform } from './address.ts';
import { type Key, keyAt, knownKeys } from './key.ts';
import type { PlatformRules } from './platform.ts';
import type { Other, Path, Tree } from './tree.ts';
import { quoted } from './yaml-problems.ts';

/** Explains a value that YAML read differently: numbers beyond 2^53, `#` as the beginning of a value, numbers without their unit. */
export function misreadValue(
  found: Other,
  path: Path,
  {
    name,
    config,
    platforms,
  }: { readonly name: string; readonly config: Key; readonly platforms: readonly PlatformRules[] },
): Remedy | null {
  const isRoom = path[0] === 'rooms' || path[2] === 'rooms';
  if (found.kind === 'null' && /^#\S/.test(found.comment?.text ?? '')) {
    const comment = found.comment!.text;
    const meant = isRoom ? withPlatform(comment, platforms) : comment;
    return {
      wrong: `what begins with # is a comment, so ${name} is empty`,
      right: isSecret(path) ? 'put it in quotes' : `put it in quotes: ${quoted(meant)}`,
    };
  }
  if (found.kind !== 'number' || isSecret(path)) return null;
  const losesDigits = /^\d+$/.test(found.written) && !Number.isSafeInteger(found.value);
  if (losesDigits && isRoom) {
    return {
      wrong: `${found.written} is read as a number and loses digits (${found.value})`,
      right: `put an address in quotes, with its chat: "${withPlatform(found.written, platforms)}"`,
    };
  }
  if (losesDigits) {
    return {
      wrong: `${found.written} is read as a number and loses digits (${found.value})`,
      right: `put it in quotes: "${found.written}"`,
    };
  }
  const unit = unitOf(keyAt(config, path));
  return unit !== null ? { wrong: `${found.written} has no unit`, right: `for example ${found.written}${unit}` } : null;
}

/** The unit of the default or of the example: what a number without a unit most likely means. */
function unitOf(key: Key | null): string | null {
  if (key?.kind.is !== 'duration' && key?.kind.is !== 'size') return null;
  return /[A-Za-z]+$/.exec(String(key.byDefault ?? key.example))?.[0] ?? null;
}

function isSecret(path: Path): boolean {
  return /^(key|token)(_file)?$/.test(String(path.at(-1)));
}

/** Says what to add if `path` is missing. */
export function missingHint(config: Key, path: Path): string {
  switch (path.map((step) => (typeof step === 'number' ? '*' : step)).join('.')) {
    case 'source':
      return 'add "source: { url: demo }", or the url and key of metasmoke';
    case 'source.url':
      return 'add "url: wss://metasmoke.erwaysoftware.com/cable", or "url: demo"';
    case 'subscriptions.*.events':
      return 'say which events, for example "events: posts#create"';
    case 'subscriptions.*.rooms':
      return 'say where they go, for example "rooms: [hq]"';
    default: {
      if (path[0] === 'rooms' && path.length === 3) return 'add "to:" with the address of the room';
      const key = keyAt(config, path);
      const example = key?.example ?? key?.byDefault;
      return example == null ? 'add it' : `add "${String(path.at(-1))}: ${example}"`;
    }
  }
}

/** Says what to write in place of a value of another kind. `expected` in the words of zod. */
export function kindHint(
  config: Key,
  { expected, path, found }: { readonly expected: string; readonly path: Path; readonly found: Tree },
): string {
  const last = path.map((step) => (typeof step === 'number' ? '*' : step)).join('.');
  if (last === 'subscriptions.*.events' && found.kind === 'list') {
    const items = found.items.map((item) => (item.kind === 'text' ? item.written : '…'));
    return `write one text, models separated by ";": ${items.join(';')}`;
  }
  if (last === 'source' && found.kind === 'text')
    return `write "source: { url: ${found.variables.length > 0 ? '…' : found.written} }"`;
  if (last === 'metrics') return 'write "metrics: {}", or its keys below it, indented: port, host, names';
  if (path.at(-1) === 'waves' && found.kind === 'boolean' && !found.value) return 'write "waves: off"';
  if (found.kind === 'null' && expected !== 'object') return `give it a value, or remove the key`;
  switch (expected) {
    case 'object':
    case 'record':
      return path.length === 0
        ? 'write keys at the top: source, rooms, subscriptions'
        : `write its keys below it, indented: ${knownKeys(config, path).join(', ') || 'name: address'}`;
    case 'array':
      return 'write a list, each item on a line of its own that begins with "- "';
    case 'int':
    case 'number':
      return 'write a whole number';
    case 'boolean':
      return 'write true or false, without quotes';
    default:
      return found.kind === 'number' || found.kind === 'boolean'
        ? `put it in quotes`
        : last.includes('rooms')
          ? 'write a name or an address in quotes'
          : 'write text';
  }
}

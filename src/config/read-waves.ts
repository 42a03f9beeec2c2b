import type { Waves } from './config.ts';
import { type Context, textError } from './context.ts';
import { readNumber } from './read-number.ts';
import type { Mapping } from './tree.ts';

const defaultDigestAbove = 60;

/** `rooms.*.waves`, with its default; null: `off`. What is wrong in it is reported. */
export function readWaves(context: Context, room: Mapping | null): Waves | null {
  const value = room?.entries.get('waves')?.value;
  if (value?.kind === 'text') {
    if (value.value.trim() === 'off') return null;
    const example = `"off", or keys below it: { digest_above: ${defaultDigestAbove} }`;
    textError(context, value, 0, `"${value.value.slice(0, 40)}" is no way to treat waves`, `write ${example}`);
    return null;
  }
  const map = value?.kind === 'map' ? value : null;
  return { digestAbove: readNumber(context, map, 'digest_above', 1, 1_000_000) ?? defaultDigestAbove };
}

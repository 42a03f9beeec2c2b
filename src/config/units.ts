import ms from 'ms';
import { excerpt } from '../text/excerpt.ts';

export type Measured =
  | { readonly outcome: 'value'; readonly value: number }
  | { readonly outcome: 'problem'; readonly wrong: string; readonly right: string };

/** A length of time with its unit (`15m`, `30d`, `1.5 hours`), in whole milliseconds within the bounds, which are written alike. */
export function parseDuration(text: string, minimum: string, maximum: string): Measured {
  const right = `write a number and a unit (s, m, h, d), from ${minimum} to ${maximum}`;
  const written = text.trim();
  if (/^-?[\d.]+$/.test(written)) return { outcome: 'problem', wrong: `"${written}" has no unit`, right };
  const value = written.length > 0 && written.length <= 40 ? ms(written as ms.StringValue) : Number.NaN;
  if (!Number.isFinite(value))
    return { outcome: 'problem', wrong: `"${excerpt(written, 40)}" is not a length of time`, right };
  return within(Math.round(value), milliseconds(minimum), milliseconds(maximum), written, right);
}

function milliseconds(text: string): number {
  return ms(text as ms.StringValue);
}

const byteUnits: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** A size with its unit (`64MiB`, `500 kB`), in whole bytes within the bounds, which are written alike. */
export function parseSize(text: string, minimum: string, maximum: string): Measured {
  const right = `write a number and a unit (KiB, MiB, kB, MB), from ${minimum} to ${maximum}`;
  const written = text.trim();
  const value = bytes(written);
  if (value !== null) return within(value, bytes(minimum)!, bytes(maximum)!, written, right);
  const wrong = /^[\d.]+$/.test(written) ? 'has no unit' : 'is not a size';
  return { outcome: 'problem', wrong: `"${excerpt(written, 40)}" ${wrong}`, right };
}

function bytes(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([a-z]{1,3})$/i.exec(text);
  const unit = byteUnits[match?.[2]?.toLowerCase() ?? ''];
  return match && unit !== undefined ? Math.round(Number(match[1]) * unit) : null;
}

function within(value: number, minimum: number, maximum: number, written: string, right: string): Measured {
  if (value < minimum) return { outcome: 'problem', wrong: `${written} is too little`, right };
  if (value > maximum) return { outcome: 'problem', wrong: `${written} is too much`, right };
  return { outcome: 'value', value };
}

export type BarStyle = 'red' | 'yellow' | 'green' | 'cyan' | 'blue' | 'magenta' | 'gray';

/** The hue, in degrees, up to which a colour is called so. */
const hues: readonly (readonly [upTo: number, style: BarStyle])[] = [
  [15, 'red'],
  [70, 'yellow'],
  [165, 'green'],
  [195, 'cyan'],
  [260, 'blue'],
  [330, 'magenta'],
  [360, 'red'],
];

/** Less colour than this, from 0 to 1, is grey. */
const leastSaturation = 0.2;

/** The colour out of the eight that every terminal has which is nearest in hue to `#rrggbb`. */
export function barStyle(color: string | null): BarStyle {
  const [, ...hex] = /^#(..)(..)(..)$/.exec(color ?? '') ?? [];
  const [red = 0, green = 0, blue = 0] = hex.map((part) => Number.parseInt(part, 16) / 255);
  const most = Math.max(red, green, blue);
  const range = most - Math.min(red, green, blue);
  if (most === 0 || range / most < leastSaturation) return 'gray';
  const sixth =
    most === red ? (green - blue) / range : most === green ? (blue - red) / range + 2 : (red - green) / range + 4;
  const hue = (sixth * 60 + 360) % 360;
  return hues.find(([upTo]) => hue <= upTo)?.[1] ?? 'gray';
}

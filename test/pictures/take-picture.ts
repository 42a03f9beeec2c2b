import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const quantiser = 'pngquant';

/** Returns a picture of the whole page as PNG, two pixels per CSS pixel, with a palette. */
export async function takePicture(html: string, width: number): Promise<Buffer> {
  const profile = await mkdtemp(join(tmpdir(), 'lookout-chromium-'));
  try {
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: flags,
      viewport: { width, height: 100 },
      deviceScaleFactor: 2,
      javaScriptEnabled: false,
      offline: true,
    });
    try {
      const page = await browser.newPage();
      await page.setContent(html, { waitUntil: 'load' });
      return withPalette(await page.screenshot({ fullPage: true }));
    } finally {
      await browser.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

/** Reduces it to 256 colours, which takes a third of the bytes without a visible difference. */
function withPalette(png: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(quantiser, ['--speed', '1', '--strip', '-'], {
    input: png,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined || status !== 0)
    throw new Error(`${quantiser}: ${error?.message ?? stderr}`, { cause: error });
  return stdout;
}

import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MissingPartError, missingPackage } from '../text/missing-part.ts';

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

const usualBrowser = '/usr/bin/chromium';

export interface PictureOptions {
  /** CSS pixels. */
  readonly width: number;
  /** The browser; null: `/usr/bin/chromium`. */
  readonly browser: string | null;
}

/**
 * Returns a picture of the whole page as PNG, two pixels per CSS pixel. Throws a `MissingPartError` without Chromium or
 * the package that drives it.
 */
export async function takePicture(html: string, { width, browser: named }: PictureOptions): Promise<Buffer> {
  const { chromium } = await loadDriver();
  const executablePath = named ?? usualBrowser;
  if (!existsSync(executablePath))
    throw new MissingPartError(
      `a picture needs Chromium, and ${executablePath} does not exist: install it (Debian: \`sudo apt-get install chromium\`), or name one in CHROMIUM`,
    );
  const profile = await mkdtemp(join(tmpdir(), 'lookout-chromium-'));
  try {
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath,
      args: flags,
      viewport: { width, height: 100 },
      deviceScaleFactor: 2,
      javaScriptEnabled: false,
      offline: true,
    });
    try {
      const page = await browser.newPage();
      await page.setContent(html, { waitUntil: 'load' });
      return await page.screenshot({ fullPage: true });
    } finally {
      await browser.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}

async function loadDriver() {
  try {
    return await import('playwright-core');
  } catch (cause) {
    throw missingPackage('a picture', 'playwright-core@1.65.1', cause);
  }
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { buildPages } from '../../scripts/build-pages.mjs';
import { STORIES } from '../../src/pages/playground/play/stories.js';
import { startService, type RunningService } from '../support/service.js';
import { root } from '../support/source-imports.js';
import { openBrowser, type Browser } from './chromium.js';

/**
 * The pictures of the docs, taken of the page as it is. `UPDATE_PICTURES=1 npm run test:browser -- pictures` writes them;
 * without it they are only compared. Their font is that of Debian's package fonts-dejavu-core, one pixel is one pixel.
 */
const UPDATES = process.env.UPDATE_PICTURES === '1';
/** Of 255, in one colour of a pixel: what a smoother edge may be. */
const TOLERANCE = 32;
/** A hundredth of the pixels, for what is random in it. */
const SHARE = 0.01;
const MOMENT = Date.UTC(2026, 2, 2, 9, 0, 0);
const FONT = '/usr/share/fonts/truetype/dejavu';
/** No other font is there, so that it is taken whatever family a browser asks for by default. */
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${FONT}</dir><selectfont>
<acceptfont><glob>*/DejaVuSans.ttf</glob><glob>*/DejaVuSans-Bold.ttf</glob></acceptfont><rejectfont><glob>*</glob></rejectfont>
</selectfont></fontconfig>
`;

let folder: string;
let service: RunningService;
let browser: Browser;
let page: Page;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyturn-pictures-'));
  await buildPages(folder);
  service = await startService({}, { pages: folder });
  writeFileSync(join(folder, 'fonts.conf'), FONTS);
  process.env.FONTCONFIG_FILE = join(folder, 'fonts.conf');
  browser = await openBrowser();
  page = await browser.context.newPage();
  await page.setViewportSize({ width: 1240, height: 900 });
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
  // The demo's clock starts at the time of the page.
  await page.clock.setFixedTime(MOMENT);
});
afterAll(async () => {
  delete process.env.FONTCONFIG_FILE;
  await browser?.close();
  await service?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function pictureOf(id: string): Promise<Buffer> {
  await page.goto('about:blank');
  await page.goto(`${service.url}/#story=${id}`);
  await page.locator('#stories .promise.kept').waitFor();
  await page.evaluate('document.activeElement?.blur(); scrollTo(0, 0)');
  return page.locator('#timeline .lanes').screenshot({ animations: 'disabled', scale: 'css' });
}

/** The share of pixels that differ, compared where pictures are shown: in the browser. */
async function differenceOf(before: Buffer, after: Buffer): Promise<number> {
  await page.goto('about:blank');
  const [one, other] = [before, after].map((picture) => `data:image/png;base64,${picture.toString('base64')}`);
  return page.evaluate<number>(`(async () => {
    const pixelsOf = async (url) => {
      const image = new Image();
      image.src = url;
      await image.decode();
      const context = Object.assign(document.createElement('canvas'), { width: image.width, height: image.height }).getContext('2d');
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, image.width, image.height);
    };
    const [one, other] = [await pixelsOf('${one}'), await pixelsOf('${other}')];
    if (one.width !== other.width || one.height !== other.height) return 1;
    let differing = 0;
    for (let at = 0; at < one.data.length; at += 4) {
      if ([0, 1, 2].some((colour) => Math.abs(one.data[at + colour] - other.data[at + colour]) > ${TOLERANCE})) differing++;
    }
    return differing / (one.width * one.height);
  })()`);
}

describe('the pictures of the docs', () => {
  it('are taken with the font of Debian’s package fonts-dejavu-core, which comes with chromium', () => {
    expect(existsSync(join(FONT, 'DejaVuSans.ttf'))).toBe(true);
  });

  it.each(STORIES.map(({ id }) => id))('%s is as the page shows it', async (id) => {
    const path = join(root, 'docs/images', `playground-${id}.png`);
    const now = await pictureOf(id);
    if (UPDATES) writeFileSync(path, now);
    expect(existsSync(path)).toBe(true);
    expect(await differenceOf(readFileSync(path), now)).toBeLessThanOrEqual(SHARE);
  });

  it('and another story is another picture, so that the comparison could fail', async () => {
    const [tabs, thief] = [await pictureOf('tabs'), await pictureOf('thief')];
    expect(await differenceOf(tabs, thief)).toBeGreaterThan(SHARE);
  });
});

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { root } from '../support/source-imports.js';

const axe = join(root, 'node_modules/axe-core/axe.min.js');

/** What a browser itself writes of answers that are no success, and of a connection that was cut. */
const OF_ANSWERS =
  /^Failed to load resource: (the server responded with a status of 4\d\d|net::ERR_(EMPTY_RESPONSE|CONNECTION_REFUSED))/;

/** A page whose complaints are kept: errors in the console, faults of its scripts, requests to other hosts. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
}

export async function watchedPage(context: BrowserContext, origin: string): Promise<WatchedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !OF_ANSWERS.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) complaints.push(`a request to ${url}`);
  });
  return { page, complaints };
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly unknown[]; readonly failureSummary?: string }[];
}

/** What keeps people out who do not see, or use no mouse (axe-core, WCAG 2.2 AA and best practices). */
export async function violationsOf(page: Page): Promise<string[]> {
  // By the debugger, past the page's Content-Security-Policy.
  await page.evaluate(await readFile(axe, 'utf8'));
  const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
  );
}

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import { toolPath } from '../../scripts/system-tools.mjs';
import type { SessionOptions } from '../../src/client/index.js';
import type { ClientHost } from '../support/client-host.js';
import { root } from '../support/source-imports.js';

const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** One user's profile: its pages share storage and cookies. */
export interface Profile {
  readonly context: BrowserContext;
  /** A page of the shop with a session in it, `window.session`. */
  open(options?: Partial<SessionOptions>, prepare?: string): Promise<Page>;
  /** Stops the processes of the pages, as a system does that needs the memory or sleeps. @returns what lets them go on */
  freeze(): () => void;
  close(): Promise<void>;
}

/**
 * Lets the proxy of a host serve a page with the client in it, as `window.keyturn`.
 * @param entry the source of the page's script
 */
export async function servePage(host: ClientHost, entry = "export * from './src/client/index.ts'"): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root, loader: 'tsx' },
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"development"' },
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    globalName: 'keyturn',
    target: 'es2022',
  });
  const body = `<!doctype html><title>shop</title><link rel="icon" href="data:,"><script>${outputFiles[0]!.text}</script>`;
  host.page = { kind: 'answer', status: 200, body, headers: { 'content-type': 'text/html' } };
}

/** A browser with a profile of its own. */
export interface Browser {
  readonly context: BrowserContext;
  /** Of the profile. */
  readonly folder: string;
  close(): Promise<void>;
}

/** @param hosts names that lead to this machine, where certificates of any authority are taken */
export async function openBrowser(hosts: readonly string[] = []): Promise<Browser> {
  const executablePath = toolPath('chromium');
  const folder = await mkdtemp(join(tmpdir(), 'keyturn-chromium-'));
  const rules = hosts.map((host) => `MAP ${host} 127.0.0.1`).join(',');
  const context = await chromium.launchPersistentContext(folder, {
    executablePath,
    args: [...FLAGS.split(' '), ...(hosts.length > 0 ? [`--host-resolver-rules=${rules}`] : [])],
    ignoreHTTPSErrors: hosts.length > 0,
  });
  return {
    context,
    folder,
    async close() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export async function openProfile(host: ClientHost): Promise<Profile> {
  const { context, folder, close } = await openBrowser();
  const origin = host.proxy.url.replace('127.0.0.1', 'localhost');
  return {
    context,
    async open(options = {}, prepare = '') {
      const page = await context.newPage();
      await page.addInitScript(prepare);
      await page.goto(`${origin}/page`);
      const settings = JSON.stringify({ url: `${origin}/auth`, ...options });
      await page.evaluate(`
        told = [];
        session = keyturn.createSession(${settings});
        for (const name of ['ended', 'error']) session.on(name, (event) => told.push([name, event.code]));
      `);
      return page;
    },
    freeze() {
      const renderers = renderersOf(folder);
      for (const pid of renderers) process.kill(pid, 'SIGSTOP');
      return () => renderers.forEach((pid) => process.kill(pid, 'SIGCONT'));
    },
    close,
  };
}

/** The processes of the pages of a browser, by the folder of its profile. */
function renderersOf(folder: string): number[] {
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        const [, parent] = /\) \S (\d+) /.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))!;
        return [{ pid: Number(pid), parent: Number(parent), command }];
      } catch {
        return []; // It has ended meanwhile.
      }
    });
  const family = new Set(processes.filter(({ command }) => command.includes(folder)).map(({ pid }) => pid));
  for (let size = -1; size !== family.size;) {
    size = family.size;
    for (const { pid, parent } of processes) if (family.has(parent)) family.add(pid);
  }
  return processes
    .filter(({ pid, command }) => family.has(pid) && command.includes('--type=renderer'))
    .map(({ pid }) => pid);
}

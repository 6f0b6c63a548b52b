import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { LOOK } from '../../pages/look.css.js';
import { PLAYGROUND_STYLE } from '../../pages/playground/style.css.js';
import { pageHtml } from '../http/page.js';
import { DEFAULT_POLICY } from './policy-figures.js';

/** A file as it is answered. */
export interface ServedFile {
  readonly type: string;
  readonly etag: string;
  readonly body: string;
}

/** The page and what it loads, by its path. */
export function playgroundFiles(script: string, routesPath: string): ReadonlyMap<string, ServedFile> {
  const page = pageHtml({
    title: 'Keyturn playground',
    brand: 'Keyturn playground',
    style: 'playground/playground.css',
    script: 'playground/playground.js',
    data: { routes: `/${routesPath}`, policy: JSON.stringify(DEFAULT_POLICY) },
    main: MAIN,
    width: 'wide',
  });
  return new Map([
    ['/', served('text/html', page)],
    ['/playground/playground.css', served('text/css', LOOK + PLAYGROUND_STYLE)],
    ['/playground/playground.js', served('text/javascript', readFileSync(script, 'utf8'))],
  ]);
}

const served = (type: string, body: string): ServedFile => ({
  type: `${type}; charset=utf-8`,
  body,
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
});

const card = (id: string, place = ''): string => `<section id="${id}" class="card${place}"></section>`;

const MAIN = `<h1 class="seen-by-readers">Keyturn playground</h1>
<div class="tabs" role="tablist" aria-label="What to play with">
<button type="button" role="tab" id="tab-demo" aria-controls="demo" aria-selected="true">Stories</button>
<button type="button" role="tab" id="tab-yours" aria-controls="yours" aria-selected="false" tabindex="-1">Your service</button>
</div>
<div id="demo" class="wide-board board" role="tabpanel" aria-labelledby="tab-demo">
<div id="gone" role="alert"></div>
${card('stories')}
<p id="said" class="seen-by-readers" role="status"></p>
${card('clock')}
<div class="board play">
${card('actors')}
${card('timeline')}
${card('detail', ' all')}
</div>
<div class="board four">
${card('tokens')}
${card('record')}
${card('devices')}
${card('events')}
</div>
${card('policy')}
</div>
<div id="yours" class="board" role="tabpanel" aria-labelledby="tab-yours" hidden></div>`;

import type { FastifyInstance } from 'fastify';

/** What a page of ours may do: run its own script, have its own style, and ask its own service; nobody may frame it. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/** A key whose bow is a turning arrow. */
const MARK =
  '<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">' +
  '<path d="M18.5 8.2A7.5 7.5 0 1 0 20 15.5"/><path d="M20.5 4.5v5h-5"/><path d="M19.5 15.5H29v5M24 15.5v4"/></svg>';

export interface PageParts {
  readonly title: string;
  /** Stands beside the mark. */
  readonly brand: string;
  /** Paths relative to the page's own, for a proxy that puts the service below a path of its own. */
  readonly style: string;
  readonly script: string;
  /** Settings for the script, as `data-*` of the body. */
  readonly data: Readonly<Record<string, string>>;
  /** HTML. */
  readonly main: string;
  readonly width: 'narrow' | 'middle' | 'wide';
}

/** The frame that all pages have. */
export const pageHtml = ({ title, brand, style, script, data, main, width }: PageParts): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${escaped(style)}">
<script src="${escaped(script)}" defer></script>
</head>
<body${Object.entries(data)
  .map(([name, value]) => ` data-${name}="${escaped(value)}"`)
  .join('')}>
<header class="bar"><span class="brand">${MARK}<span>${escaped(brand)}</span></span></header>
<main class="${width}">
${main}
<noscript><p class="notice warn">This page needs JavaScript.</p></noscript>
</main>
</body>
</html>
`;

/** Serves a text that never changes, as a part of a page. */
export function servePart(fastify: FastifyInstance, path: string, type: string, body: string): void {
  const headers = {
    'Content-Security-Policy': POLICY,
    // Who opens it in a window gets no hold of that window.
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Content-Type': `${type}; charset=utf-8`,
  };
  fastify.get(path, (_request, reply) => reply.headers(headers).send(body));
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text as HTML, also between double quotes. */
export const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign]!);

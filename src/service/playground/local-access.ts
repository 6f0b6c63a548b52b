import type { IncomingHttpHeaders } from 'node:http';

/** `localhost`, `127.0.0.1` and `[::1]`, with any port: under another name a page of somebody else may be meant. */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

export interface Asked {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether it is the page itself, to which links of other sites may lead. */
  readonly isPage: boolean;
}

/**
 * Why a request is not served; undefined: it is. By name of the host (DNS rebinding), and by what the browser says of
 * the page that asks (Fetch Metadata). Programs without a browser, such as curl, say nothing and are served.
 */
export function refusalOf({ method, headers, isPage }: Asked): string | undefined {
  const { host = '', origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest } = headers;
  if (!LOCAL_HOST.test(host)) {
    return 'The playground answers on this machine only: open it as http://localhost with the port of the service.';
  }
  const isRead = method === 'GET' || method === 'HEAD';
  if (isPage && isRead && mode === 'navigate' && dest === 'document') return undefined;
  if (origin !== undefined && origin !== `http://${host}`) return FOREIGN;
  // `none` is the person at the browser, who typed the address.
  const isOwn = site === undefined || site === 'same-origin' || (site === 'none' && isRead);
  return isOwn ? undefined : FOREIGN;
}

const FOREIGN = 'Pages of other origins may not use the playground.';

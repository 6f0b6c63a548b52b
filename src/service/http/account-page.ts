import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { AuthConfigError } from '../../index.js';
import { traitsOf } from '../../internal.js';
import { ACCOUNT_STYLE } from '../../pages/account/account.css.js';
import { LOOK } from '../../pages/look.css.js';
import type { AccountClient } from '../config/account-page.js';
import type { ServiceConfig } from '../config/service.config.js';
import { pageHtml, servePart } from './page.js';

type Config = Pick<ServiceConfig, 'auth' | 'passwordMinLength' | 'resetPage' | 'routesPath' | 'strategy'>;

interface AccountPageParts {
  readonly client: AccountClient;
  readonly script: string;
  readonly sendsMails: boolean;
}

/** Where the page is. */
export const ACCOUNT_PATH = '/account';

/**
 * The script of the page, as the build made it.
 * @throws AuthConfigError where it was not built
 */
export const accountScript = (pages = ''): Promise<string> =>
  readFile(join(pages, 'account.js'), 'utf8').catch((cause: unknown) => {
    throw AuthConfigError.of('accountPage', 'needs the built pages: run `npm run build`', cause);
  });

/**
 * The page on which users see to their account. It is static and the same for everybody: who its user is, only the
 * routes know that it calls.
 */
export function addAccountPage(
  fastify: FastifyInstance,
  { auth, passwordMinLength, resetPage, routesPath, strategy }: Config,
  { client, script, sendsMails }: AccountPageParts,
): void {
  const html = pageHtml({
    title: 'Your account',
    brand: new URL(auth.issuer).host,
    // Relative to a path without a slash at its end.
    style: 'account/page.css',
    script: 'account/page.js',
    data: {
      routes: routesPath,
      client: client.id,
      shared: String(client.isShared),
      sessions: String(traitsOf(strategy).keepsSessions),
      mails: String(sendsMails),
      reset: resetPage ?? 'account/reset',
      'min-length': String(passwordMinLength),
    },
    main: '',
    width: 'narrow',
  });
  servePart(fastify, ACCOUNT_PATH, 'text/html', html);
  servePart(fastify, `${ACCOUNT_PATH}/page.js`, 'text/javascript', script);
  servePart(fastify, `${ACCOUNT_PATH}/page.css`, 'text/css', LOOK + ACCOUNT_STYLE);
  // As somebody may type it; its relative paths would lead nowhere.
  fastify.get(`${ACCOUNT_PATH}/`, (_request, reply) => reply.redirect('../account', 308));
}

import type { FastifyInstance } from 'fastify';
import { LOOK } from '../../pages/look.css.js';
import type { ServiceConfig } from '../config/service.config.js';
import { RESET_PATH, VERIFY_PATH } from '../mail/account-links.js';
import { MAIL_PAGE_SCRIPT } from './mail-page.script.js';
import { pageHtml, servePart } from './page.js';

/**
 * The pages to which the links of mails lead, unless the operator has pages of his own. They are static: what the ticket
 * is, only the browser knows, from the fragment.
 */
export function addMailPages(
  fastify: FastifyInstance,
  config: Pick<ServiceConfig, 'routesPath' | 'passwordMinLength' | 'resetPage' | 'verifyPage' | 'accountClient'> & {
    readonly auth: Pick<ServiceConfig['auth'], 'issuer'>;
  },
): void {
  const { routesPath, passwordMinLength, resetPage, verifyPage, accountClient, auth } = config;
  const onward = accountClient ? ONWARD : '';
  const page = (title: string, forms: string): string =>
    pageHtml({
      title,
      brand: new URL(auth.issuer).host,
      style: 'account.css',
      script: 'account.js',
      data: { routes: `../${routesPath}` },
      main: `<h1>${title}</h1>\n${forms}\n<p id="said" class="notice" role="status"></p>${onward}`,
      width: 'narrow',
    });
  if (resetPage === undefined)
    servePart(fastify, RESET_PATH, 'text/html', page('New password', resetForms(passwordMinLength)));
  if (verifyPage === undefined)
    // A hyphen at which no line ends: on a phone the title read "your e-" and "mail address".
    servePart(fastify, VERIFY_PATH, 'text/html', page('Confirm your e\u2011mail address', VERIFY_FORM));
  servePart(fastify, '/account/account.js', 'text/javascript', MAIL_PAGE_SCRIPT);
  servePart(fastify, '/account/account.css', 'text/css', LOOK);
}

const resetForms = (minLength: number): string => `<form id="ask" class="card" hidden>
<div class="field"><label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" required></div>
<button class="button first">Send me a link</button>
</form>
<form id="set" class="card" hidden>
<div class="field"><label for="new-password">New password</label>
<span id="new-password-hint" class="hint">At least ${minLength} characters.</span>
<input id="new-password" name="new_password" type="password" autocomplete="new-password" aria-describedby="new-password-hint" required></div>
<button class="button first">Set the password</button>
</form>`;

/** Where somebody goes from a mail, if the service has a page to sign in at. */
const ONWARD = '\n<p id="onward" hidden><a class="button" href="../account">Go to your account</a></p>';

const VERIFY_FORM = `<form id="confirm" class="card" hidden>
<p>Press the button to confirm that mail to this address reaches you. Press it only if you made the account yourself.</p>
<button class="button first">Confirm</button>
</form>`;

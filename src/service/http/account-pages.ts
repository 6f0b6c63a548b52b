import type { FastifyInstance } from 'fastify';
import type { ServiceConfig } from '../config/service.config.js';
import { RESET_PATH, VERIFY_PATH } from '../mail/account-links.js';
import { ACCOUNT_PAGE_SCRIPT } from './account-page.script.js';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * The pages to which the links of mails lead, unless the operator has pages of his own. They are static: what the ticket
 * is, only the browser knows, from the fragment.
 */
export function addAccountPages(
  fastify: FastifyInstance,
  {
    routesPath,
    passwordMinLength,
    resetPage,
    verifyPage,
  }: Pick<ServiceConfig, 'routesPath' | 'passwordMinLength' | 'resetPage' | 'verifyPage'>,
): void {
  const serve = (path: string, type: string, body: string): void => {
    fastify.get(path, (_request, reply) =>
      reply.headers({ 'Content-Security-Policy': POLICY, 'Content-Type': `${type}; charset=utf-8` }).send(body),
    );
  };
  if (resetPage === undefined)
    serve(RESET_PATH, 'text/html', pageOf('New password', routesPath, resetForms(passwordMinLength)));
  if (verifyPage === undefined)
    serve(VERIFY_PATH, 'text/html', pageOf('Confirm your e-mail address', routesPath, VERIFY_FORM));
  serve('/account/account.js', 'text/javascript', ACCOUNT_PAGE_SCRIPT);
  serve('/account/account.css', 'text/css', STYLE);
}

/** Paths are relative, for a proxy that puts the service below a path of its own. */
const pageOf = (title: string, routesPath: string, forms: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="account.css">
<script src="account.js" defer></script>
</head>
<body data-routes="../${routesPath}">
<header>Keyturn</header>
<main>
<h1>${title}</h1>
${forms}
<p id="said" role="status"></p>
<noscript><p>This page needs JavaScript.</p></noscript>
</main>
</body>
</html>
`;

const resetForms = (minLength: number): string => `<form id="ask" hidden>
<label>E-mail address <input name="email" type="email" autocomplete="username" required></label>
<button>Send me a link</button>
</form>
<form id="set" hidden>
<label>New password, at least ${minLength} characters
<input name="new_password" type="password" autocomplete="new-password" required></label>
<button>Set the password</button>
</form>`;

const VERIFY_FORM = `<form id="confirm" hidden>
<p>Press the button to confirm that mail to this address reaches you.</p>
<button>Confirm</button>
</form>`;

/** As the API page looks. */
const STYLE = `body { margin: 0; background: #fafafa; color: #3b4151; font: 16px/1.5 "Open Sans", sans-serif }
header { padding: 14px 24px; background: #1b1b1b; color: #fff; font-weight: 700 }
main { max-width: 26rem; margin: 2rem auto; padding: 0 24px }
h1 { font-size: 1.6rem }
label, input, button { display: block; width: 100%; box-sizing: border-box }
input { margin: 4px 0 16px; padding: 8px 10px; border: 1px solid #d9d9d9; border-radius: 4px; font: inherit }
button { padding: 8px 10px; border: 2px solid #49cc90; border-radius: 4px; background: #49cc90; color: #1b1b1b; font: inherit; font-weight: 700; cursor: pointer }
button:disabled { opacity: .6; cursor: default }
[hidden] { display: none }
`;

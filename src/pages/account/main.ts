import { createSession } from '../../client/index.js';
import { el } from '../elements.js';
import { accountApi } from './account-api.js';
import { accountView, type AccountView } from './account-view.js';
import { askPasswordAgain } from './password-again.js';
import { readSettings } from './settings.js';
import { signInView, type SignInReason } from './sign-in.js';
import { takeOver } from './take-over.js';
import { problemWords, signedOutWords, type Problem } from './words.js';

/** How often a page that is looked at asks what has changed, milliseconds. */
const LOOK_EVERY = 30_000;

const settings = readSettings(document.body.dataset, location.href);
const session = createSession({ url: settings.url, clientId: settings.clientId, transport: 'cookie' });
const api = accountApi(session, settings.url);

const said = el('p', { class: 'notice', role: 'status' });
const place = el('div');
document.querySelector('main')!.replaceChildren(said, place);

/** Null: the way in is shown. */
let view: AccountView | null | undefined;
let showing: Promise<void> | undefined;
let wasOffline = false;

function say(words: string, kind = ''): void {
  said.className = `notice ${kind}`;
  said.textContent = words;
}

function show(element: HTMLElement, isWide: boolean): void {
  document.querySelector('main')!.className = isWide ? 'middle' : 'narrow';
  const hadFocus = view !== undefined;
  place.replaceChildren(element);
  // Not at the start, where a reader begins at the top by itself.
  if (hadFocus) element.querySelector('h1')?.focus();
}

function showSignIn(why?: SignInReason): void {
  say('');
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  show(signInView(settings, signIn, why), false);
  view = null;
}

async function signIn(email: string, password: string): Promise<void> {
  // Somebody may have signed in on another page of this origin meanwhile.
  if (!(await takeOver(session, api, settings))) await session.login({ email, password });
  await showAccount();
}

/** A login and what it tells of come here both, and the view is made once. */
const showAccount = async (): Promise<void> =>
  view ? undefined : (showing ??= makeAccount().finally(() => (showing = undefined)));

async function makeAccount(): Promise<void> {
  const next = accountView({ session, api, settings, say, leave: (words) => showSignIn({ words }) });
  await next.look();
  if (session.state === 'out') return;
  say('');
  show(next.element, true);
  view = next;
}

async function lookAgain(): Promise<void> {
  if (document.visibilityState !== 'visible' || session.state !== 'in') return;
  // What fails here is told by the session, or is no news.
  await (view ? view.look() : showAccount()).catch(() => undefined);
}

session.on('ended', ({ code }) => showSignIn({ words: signedOutWords(code), isWarning: true }));
session.on('reauthenticate', (request) => {
  askPasswordAgain(request, view?.email() ?? '', (password) => session.reauthenticate(password));
});
session.on('change', () => {
  // In another tab.
  if (session.state === 'out') return view && showSignIn({ words: 'You are signed out.' });
  const isOffline = session.state === 'offline';
  if (isOffline) say(problemWords({ code: 'offline' }), 'warn');
  else if (wasOffline) say('');
  wasOffline = isOffline;
  void lookAgain();
});
addEventListener('focus', () => void lookAgain());
document.addEventListener('visibilitychange', () => void lookAgain());
setInterval(() => void lookAgain(), LOOK_EVERY);

async function start(): Promise<void> {
  // Reads the storage, without a request while nobody is signed in.
  await session.accessToken().catch(() => undefined);
  try {
    if (await takeOver(session, api, settings)) await showAccount();
    else if (view === undefined) showSignIn();
  } catch (error) {
    if (session.state === 'out')
      return view === undefined ? showSignIn({ words: problemWords(error as Problem), isWarning: true }) : undefined;
    say(problemWords(error as Problem), 'bad');
    place.replaceChildren(
      el('button', { type: 'button', class: 'button', click: () => location.reload() }, 'Try again'),
    );
  }
}
void start();

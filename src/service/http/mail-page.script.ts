/**
 * Runs in the browser, on both account pages. A ticket is used when somebody presses a button, never by loading the page:
 * mail scanners load pages, and some run their scripts too.
 */
export const MAIL_PAGE_SCRIPT = String.raw`'use strict';
const form = (id) => document.getElementById(id);
function say(words, kind = '') {
  const said = document.getElementById('said');
  said.className = 'notice ' + kind;
  said.textContent = words;
}
const ticket = new URLSearchParams(location.hash.slice(1)).get('ticket');
// Neither the history nor a bookmark keeps it.
if (location.hash) history.replaceState(null, '', location.pathname + location.search);
// The link of another mail, opened in the same tab.
addEventListener('hashchange', () => location.reload());

async function post(path, body) {
  say('');
  try {
    const answer = await fetch(document.body.dataset.routes + '/' + path, {
      method: 'POST',
      credentials: 'omit',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.ok) return true;
    const told = await answer.json().catch(() => ({}));
    if (told.code === 'ticket_invalid') askAnew();
    else say(told.message || 'Something went wrong. Try again.', 'bad');
  } catch {
    say('The service cannot be reached. Try again.', 'bad');
  }
  return false;
}

/** Nothing that the form sends could succeed any more, so the one that sends another link takes its place. */
function askAnew() {
  // Who followed a link knows of no ticket.
  say('This link was used already, or is too old. Ask for a new one.', 'bad');
  for (const spent of document.querySelectorAll('form')) spent.hidden = true;
  useAsk();
}

/** Shows a form, and after its success a sentence in its place, and where to go from there. */
function use(id, send, done, goesOn = false) {
  const shown = form(id);
  if (!shown) return;
  shown.hidden = false;
  shown.addEventListener('submit', async (event) => {
    event.preventDefault();
    const button = shown.querySelector('button');
    button.disabled = true;
    const succeeded = await send(new FormData(shown));
    button.disabled = false;
    if (!succeeded) return;
    shown.hidden = true;
    say(done, 'good');
    const onward = document.getElementById('onward');
    if (onward && goesOn) onward.hidden = false;
  });
}

function useAsk() {
  use('ask', (fields) => post('password-reset/request', { email: fields.get('email') }),
    'If the address has an account, a mail with a link is on its way. The link works for 30 minutes.');
}

if (ticket !== null) {
  use('set', (fields) => post('password-reset', { ticket, new_password: fields.get('new_password') }),
    'Your new password is set, and you are signed out on all devices. You can sign in with it now.', true);
  use('confirm', () => post('email/verify', { ticket }), 'Your e-mail address is confirmed.', true);
} else if (form('ask')) {
  useAsk();
} else {
  say('Open this page by the link in the mail.');
}
`;

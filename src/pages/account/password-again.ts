import type { ReauthenticationRequest } from '../../client/index.js';
import { el } from '../elements.js';
import { busyForm } from './busy-form.js';
import { waitWords } from './words.js';

/**
 * Asks for the password again, for a request that waits until it was given (RFC 9470). Escape gives up. The keyboard goes
 * back to where it was.
 * @param confirm throws for a wrong password
 */
export function askPasswordAgain(
  request: ReauthenticationRequest,
  email: string,
  confirm: (password: string) => Promise<void>,
): void {
  const age = request.maxAge ? `more than ${waitWords(request.maxAge)}` : 'a while';
  const form = busyForm({
    fields: [{ name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' }],
    submit: 'Confirm',
    busy: 'Checking …',
    more: [el('button', { type: 'button', class: 'button plain', click: () => dialog.close() }, 'Cancel')],
    fieldOf: () => 'password',
    wordsOf: ({ code }) =>
      code === 'invalid_credentials' ? 'This is not the password of your account. Try again.' : undefined,
    send: async ({ password = '' }) => {
      await confirm(password);
      dialog.close();
    },
  });
  form.prepend(el('input', { type: 'text', name: 'username', autocomplete: 'username', value: email, hidden: true }));
  const dialog = el(
    'dialog',
    {
      'aria-labelledby': 'again',
      close: () => {
        // After the password was given nobody waits any more.
        request.cancel();
        dialog.remove();
      },
    },
    el(
      'div',
      { class: 'stack' },
      el('h2', { id: 'again' }, 'Enter your password again'),
      el('p', { class: 'soft' }, `You signed in ${age} ago. Enter your password to show that it is you.`),
      form,
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
}

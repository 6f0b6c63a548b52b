import { el } from '../elements.js';
import { busyForm } from './busy-form.js';

/** Changes the password, which ends all other sessions. */
export function passwordCard(
  minLength: number,
  email: string,
  change: (current: string, next: string) => Promise<void>,
): HTMLElement {
  const form = busyForm({
    fields: [
      { name: 'current', label: 'Current password', type: 'password', autocomplete: 'current-password' },
      {
        name: 'next',
        label: 'New password',
        type: 'password',
        autocomplete: 'new-password',
        hint: `At least ${minLength} characters.`,
      },
    ],
    submit: 'Change the password',
    busy: 'Changing …',
    fieldOf: ({ code }) =>
      code === 'invalid_credentials' ? 'current' : code === 'invalid_request' ? 'next' : undefined,
    wordsOf: ({ code }) =>
      code === 'invalid_credentials' ? 'This is not the password of your account. Try again.' : undefined,
    send: ({ current = '', next = '' }) => change(current, next),
  });
  // By which a password manager knows whose password changes.
  form.prepend(el('input', { type: 'text', name: 'username', autocomplete: 'username', value: email, hidden: true }));
  return el(
    'section',
    { class: 'card', 'aria-labelledby': 'password' },
    el('h2', { id: 'password', tabindex: -1 }, 'Password'),
    el('p', { class: 'soft' }, 'A new password signs out all your other devices.'),
    form,
  );
}

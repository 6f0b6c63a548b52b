import { el } from '../elements.js';
import { busyForm } from './busy-form.js';
import type { Settings } from './settings.js';

/**
 * The way in.
 * @param why stands above the form: why somebody is here again
 */
export function signInView(
  { sendsMails, resetPage }: Settings,
  signIn: (email: string, password: string) => Promise<void>,
  why?: string,
): HTMLElement {
  const form = busyForm({
    fields: [
      { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username' },
      { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' },
    ],
    submit: 'Sign in',
    busy: 'Signing in …',
    more: sendsMails ? [el('a', { href: resetPage }, 'Forgot your password?')] : [],
    fieldOf: ({ code }) => (code === 'invalid_credentials' ? 'password' : undefined),
    send: ({ email = '', password = '' }) => signIn(email, password),
  });
  return el(
    'div',
    { class: 'stack' },
    el('h1', { tabindex: -1 }, 'Sign in to your account'),
    why ? el('p', { class: 'notice warn', role: 'alert' }, why) : null,
    el('div', { class: 'card' }, form),
  );
}

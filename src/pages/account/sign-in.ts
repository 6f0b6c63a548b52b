import { el } from '../elements.js';
import { busyForm } from './busy-form.js';
import type { Settings } from './settings.js';

/** Why somebody is at the sign-in again. */
export interface SignInReason {
  readonly words: string;
  /** Whether it was not their own doing. */
  readonly isWarning?: boolean;
}

/** The way in. */
export function signInView(
  { sendsMails, resetPage }: Settings,
  signIn: (email: string, password: string) => Promise<void>,
  why?: SignInReason,
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
    why ? el('p', { class: `notice ${why.isWarning ? 'warn' : ''}`, role: 'alert' }, why.words) : null,
    el('div', { class: 'card' }, form),
  );
}

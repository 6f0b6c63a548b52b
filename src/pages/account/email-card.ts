import { el } from '../elements.js';
import { busyForm } from './busy-form.js';

/** Changes the address, which a link in a mail to the new one completes. Sent to the address as it is, it confirms that. */
export function emailCard(email: string, change: (address: string) => Promise<void>): HTMLElement {
  const form = busyForm({
    fields: [{ name: 'email', label: 'New e-mail address', type: 'email', autocomplete: 'email' }],
    submit: 'Send a link to the new address',
    busy: 'Sending …',
    fieldOf: ({ code }) => (code === 'invalid_request' ? 'email' : undefined),
    send: ({ email: address = '' }) => change(address),
  });
  return el(
    'section',
    { class: 'card', 'aria-labelledby': 'email' },
    el('h2', { id: 'email', tabindex: -1 }, 'E-mail address'),
    el('p', {}, el('strong', { class: 'address' }, email)),
    el(
      'p',
      { class: 'soft' },
      'The address changes when you open the link in the mail to the new one. The old one is told.',
    ),
    form,
  );
}

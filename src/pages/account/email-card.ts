import { el } from '../elements.js';
import type { AccountApi, Address } from './account-api.js';
import { busyForm } from './busy-form.js';
import type { Card, CardContext } from './card.js';

/** The address: whether it is confirmed, and the way to another one. Both are done by a link in a mail. */
export function emailCard(api: AccountApi, { say }: Pick<CardContext, 'say'>): Card {
  const title = el('h2', { id: 'email', tabindex: -1 }, 'E-mail address');
  const place = el('div', { class: 'stack' });
  let shown: Address | undefined;

  async function sendLink(to: string): Promise<void> {
    await api.changeEmail(to);
    say(`A mail with a link is on its way to ${to}. The link works for 30 minutes.`, 'good');
  }

  const change = busyForm({
    fields: [{ name: 'address', label: 'New e-mail address', type: 'email', autocomplete: 'email' }],
    submit: 'Send a link to the new address',
    busy: 'Sending …',
    fieldOf: ({ code }) => (code === 'invalid_request' ? 'address' : undefined),
    send: ({ address = '' }) => sendLink(address.trim()),
  });

  async function look(): Promise<void> {
    const now = await api.address();
    if (now.email === shown?.email && now.email_verified === shown.email_verified) return;
    shown = now;
    const { email, email_verified: isConfirmed } = now;
    place.replaceChildren(
      el(
        'p',
        { class: 'row' },
        el('strong', { class: 'address' }, email),
        el('span', { class: `tag ${isConfirmed ? 'good' : 'warn'}` }, isConfirmed ? 'Confirmed' : 'Not confirmed yet'),
      ),
      ...(isConfirmed
        ? []
        : [
            // A link to the address as it is confirms it.
            busyForm({
              fields: [],
              submit: 'Send a link to confirm it',
              busy: 'Sending …',
              isSecond: true,
              send: () => sendLink(email),
            }),
          ]),
    );
  }

  const element = el(
    'section',
    { class: 'card', 'aria-labelledby': title.id },
    title,
    place,
    el(
      'p',
      { class: 'soft' },
      'Your address changes when you open the link in the mail to the new one. The old address gets a notice.',
    ),
    change,
  );
  return { element, look };
}

import type { TokenAnswer } from '../../client/index.js';
import { el } from '../elements.js';
import type { AccountApi } from './account-api.js';
import type { Card, CardContext } from './card.js';
import { devicesCard } from './devices-card.js';
import { emailCard } from './email-card.js';
import { passwordCard } from './password-card.js';
import type { Settings } from './settings.js';
import { signOutCard } from './sign-out-card.js';

/** What the view needs of the page around it. */
export interface AccountContext extends CardContext {
  readonly api: AccountApi;
  readonly settings: Settings;
  /** Shows the way in, with the reason above it. */
  readonly leave: (why: string) => void;
}

export interface AccountView extends Card {
  /** Of whom it is; known after the first look. */
  readonly email: () => string;
}

/** What a signed-in user sees. */
export function accountView({ session, api, settings, say, leave }: AccountContext): AccountView {
  let email = '';
  const whose = el('p', { class: 'soft address' });
  const password = el('div');
  const lookingCards = [
    ...(settings.keepsSessions ? [devicesCard(api, { session, say })] : []),
    ...(settings.sendsMails ? [emailCard(api, { say })] : []),
  ];

  async function changePassword(current: string, next: string): Promise<void> {
    const answer = await api.changePassword(current, next);
    if (answer.session_id === undefined) {
      await session.logout();
      return leave('Your password is changed. Sign in with the new one.');
    }
    await session.adopt(answer as TokenAnswer);
    say('Your password is changed, and all other devices are signed out.', 'good');
    await look();
  }

  async function signOut(everywhere: boolean): Promise<void> {
    let isTold = true;
    const off = session.on('error', () => (isTold = false));
    try {
      await session.logout({ everywhere });
    } catch {
      return leave('You are signed out here, but not on your other devices. Sign in again to sign out everywhere.');
    } finally {
      off();
    }
    if (isTold) return leave(everywhere ? 'You are signed out on all devices.' : 'You are signed out.');
    leave('You are signed out here. Leave this page open: the service is told as soon as it can be reached.');
  }

  async function look(): Promise<void> {
    const me = await api.me();
    if (me.email !== email) {
      email = me.email;
      whose.textContent = email;
      password.replaceChildren(passwordCard(settings.passwordMinLength, email, changePassword));
    }
    await Promise.all(lookingCards.map((card) => card.look()));
  }

  const [first, ...others] = lookingCards.map((card) => card.element);
  const element = el(
    'div',
    { class: 'cards' },
    el('div', {}, el('h1', { tabindex: -1 }, 'Your account'), whose),
    first,
    password,
    ...others,
    signOutCard((everywhere) => void signOut(everywhere)),
  );
  return { element, email: () => email, look };
}

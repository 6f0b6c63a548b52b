import type { Session, TokenAnswer } from '../../client/index.js';
import { el } from '../elements.js';
import type { AccountApi, Me } from './account-api.js';
import { nameOf } from './device-item.js';
import { deviceList, endedList, type DeviceActs } from './device-list.js';
import { emailCard } from './email-card.js';
import { passwordCard } from './password-card.js';
import type { Settings } from './settings.js';
import { problemWords, type Problem } from './words.js';

/** What the view needs of the page around it. */
export interface AccountContext {
  readonly session: Session;
  readonly api: AccountApi;
  readonly settings: Settings;
  /** Says something in the live region. */
  readonly say: (words: string, kind?: 'good' | 'bad' | 'warn') => void;
  /** Shows the way in, with the reason above it. */
  readonly leave: (why: string) => void;
}

export interface AccountView {
  readonly element: HTMLElement;
  /** Of whom it is; known after the first look. */
  readonly email: () => string;
  /** Asks the service anew, and shows what it says. */
  readonly look: () => Promise<void>;
}

/** What a signed-in user sees. */
export function accountView({ session, api, settings, say, leave }: AccountContext): AccountView {
  let email = '';
  const title = el('h1', { tabindex: -1 }, 'Your account');
  const whose = el('p', { class: 'soft address' });
  const devices = el('div', { class: 'stack' });
  const devicesTitle = el('h2', { id: 'devices', tabindex: -1 }, 'Your devices');
  const cards = el('div', { class: 'cards' });
  const element = el('div', { class: 'cards' }, el('div', {}, title, whose), cards);

  /** Does something, and says how it went. */
  async function act(work: () => Promise<unknown>, done: string, place: HTMLElement): Promise<void> {
    try {
      await work();
      say(done, 'good');
      // Its button may be gone.
      place.focus();
      await look();
    } catch (error) {
      // Signed out meanwhile, which is said elsewhere.
      if (session.state !== 'out') say(problemWords(error as Problem), 'bad');
    }
  }

  const acts: DeviceActs = {
    end: (device) =>
      void act(
        () =>
          api.endDevice(device.id).catch((error: unknown) => {
            // Ended meanwhile.
            if ((error as Problem).code !== 'not_found') throw error;
          }),
        `${nameOf(device)} is signed out.`,
        devicesTitle,
      ),
    endOthers: () => void act(() => api.endOtherDevices(), 'All other devices are signed out.', devicesTitle),
  };

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

  async function changeEmail(address: string): Promise<void> {
    await api.changeEmail(address);
    say(`A mail with a link is on its way to ${address.trim()}. The link works for 30 minutes.`, 'good');
  }

  async function signOut(everywhere: boolean): Promise<void> {
    let isTold = true;
    const off = session.on('error', () => (isTold = false));
    await session.logout({ everywhere });
    off();
    if (!isTold)
      leave('You are signed out here. The rest follows as soon as the service can be reached: leave this page open.');
    else leave(everywhere ? 'You are signed out on all devices.' : 'You are signed out.');
  }

  function showCards(): void {
    cards.replaceChildren(
      ...(settings.keepsSessions
        ? [el('section', { class: 'card', 'aria-labelledby': 'devices' }, devicesTitle, devices)]
        : []),
      passwordCard(settings.passwordMinLength, email, changePassword),
      ...(settings.sendsMails ? [emailCard(email, changeEmail)] : []),
      el(
        'section',
        { class: 'card', 'aria-labelledby': 'out' },
        el('h2', { id: 'out' }, 'Sign out'),
        el(
          'div',
          { class: 'row' },
          el('button', { type: 'button', class: 'button', click: () => void signOut(false) }, 'Sign out here'),
          el(
            'button',
            { type: 'button', class: 'button danger', click: () => void signOut(true) },
            'Sign out everywhere',
          ),
        ),
      ),
    );
  }

  async function showDevices(): Promise<void> {
    if (!settings.keepsSessions) return;
    const [open, ended] = await Promise.all([api.devices(), api.endedDevices()]);
    const isOpen = devices.querySelector('details')?.open ?? false;
    devices.replaceChildren(...deviceList(open, Date.now(), acts), ...endedList(ended, Date.now()));
    const details = devices.querySelector('details');
    if (details) details.open = isOpen;
  }

  async function showWhose(): Promise<void> {
    const me: Me = await api.me();
    if (me.email === email) return;
    email = me.email;
    whose.textContent = email;
    showCards();
  }

  async function look(): Promise<void> {
    await showWhose();
    await showDevices();
  }

  return { element, email: () => email, look };
}

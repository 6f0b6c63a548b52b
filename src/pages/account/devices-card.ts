import { el } from '../elements.js';
import type { AccountApi, OpenDevice } from './account-api.js';
import type { Card, CardContext } from './card.js';
import { nameOf } from './device-item.js';
import { deviceList, endedList, type DeviceActs } from './device-list.js';
import { problemWords, type Problem } from './words.js';

/** Where the user is signed in, and where no more. */
export function devicesCard(api: AccountApi, { session, say }: CardContext): Card {
  const title = el('h2', { id: 'devices', tabindex: -1 }, 'Your devices');
  const place = el('div', { class: 'stack' });
  let shown = '';

  async function end(work: () => Promise<unknown>, done: string): Promise<void> {
    try {
      await work();
      say(done, 'good');
      await look();
    } catch (error) {
      // Signed out meanwhile, which is said elsewhere.
      if (session.state !== 'out') say(problemWords(error as Problem), 'bad');
    }
  }

  const endOne = (device: OpenDevice): Promise<unknown> =>
    api.endDevice(device.id).catch((error: unknown) => {
      // Ended meanwhile.
      if ((error as Problem).code !== 'not_found') throw error;
    });

  const acts: DeviceActs = {
    end: (device) => void end(() => endOne(device), `${nameOf(device)} is signed out.`),
    endOthers: () => void end(() => api.endOtherDevices(), 'All other devices are signed out.'),
  };

  async function look(): Promise<void> {
    const [open, ended] = await Promise.all([api.devices(), api.endedDevices()]);
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const now = JSON.stringify([open, ended]);
    // New times in words are not worth it to take the list away under somebody's hands.
    if (focused && now === shown) return;
    shown = now;
    const wasOpen = place.querySelector('details')?.open;
    place.replaceChildren(...deviceList(open, Date.now(), acts), ...endedList(ended, Date.now()));
    const details = place.querySelector('details');
    if (details && wasOpen) details.open = true;
    if (focused) (sameAs(focused, place) ?? title).focus();
  }

  return { element: el('section', { class: 'card', 'aria-labelledby': title.id }, title, place), look };
}

/** What has taken the place of an element in a list that was made anew. */
const sameAs = (old: Element, place: Element): HTMLElement | undefined =>
  [...place.querySelectorAll<HTMLElement>('button, summary')].find(
    (one) => (one.dataset.key ?? one.tagName) === ((old as HTMLElement).dataset.key ?? old.tagName),
  );

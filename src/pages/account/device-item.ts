import { el } from '../elements.js';
import type { Device } from './account-api.js';
import { agoWords, deviceWords } from './words.js';

export const nameOf = ({ device_name, user_agent }: Device): string => deviceWords(device_name, user_agent);

/** A moment, in words, with the exact time for those who point at it. */
export function momentOf(seconds: number, now: number): HTMLTimeElement {
  const moment = new Date(seconds * 1000);
  return el('time', { datetime: moment.toISOString(), title: moment.toLocaleString() }, agoWords(seconds, now));
}

/** One device: its name, and lines about it. */
export function deviceItem(
  device: Device,
  lines: readonly (readonly (Node | string)[])[],
  more: Node[],
): HTMLLIElement {
  return el(
    'li',
    { class: 'device' },
    el(
      'div',
      {},
      el('strong', { class: 'device-name', title: device.user_agent ?? undefined }, nameOf(device)),
      ...lines.map((line) => el('p', { class: 'soft small' }, ...line)),
    ),
    ...more,
  );
}

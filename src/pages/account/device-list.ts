import { el } from '../elements.js';
import type { EndedDevice, OpenDevice } from './account-api.js';
import { deviceItem, momentOf, nameOf } from './device-item.js';
import { causeWords } from './words.js';

/** What can be done from the list; each says how it went by itself. */
export interface DeviceActs {
  readonly end: (device: OpenDevice) => void;
  readonly endOthers: () => void;
}

const fromWords = (ip: string | null): string => (ip ? ` from ${ip}` : '');

/** Where the user is signed in, this device first, then the one used last. */
export function deviceList(devices: readonly OpenDevice[], now: number, { end, endOthers }: DeviceActs): Node[] {
  const ordered = devices.toSorted((a, b) => Number(b.current) - Number(a.current) || b.last_seen_at - a.last_seen_at);
  return [
    el('ul', { class: 'list' }, ...ordered.map((device) => openItem(device, now, end))),
    devices.length > 1
      ? el(
          'div',
          { class: 'row' },
          el(
            'button',
            { type: 'button', class: 'button danger', 'data-key': 'others', click: endOthers },
            'Sign out all other devices',
          ),
        )
      : el('p', { class: 'soft small' }, 'You are signed in nowhere else.'),
  ];
}

const openItem = (device: OpenDevice, now: number, end: DeviceActs['end']): HTMLLIElement =>
  deviceItem(
    device,
    [
      ['Last used ', momentOf(device.last_seen_at, now)],
      ['Signed in ', momentOf(device.created_at, now), fromWords(device.ip)],
    ],
    [
      device.current
        ? el('span', { class: 'tag good' }, 'This device')
        : el(
            'button',
            {
              type: 'button',
              class: 'button compact',
              'data-key': device.id,
              'aria-label': `Sign out ${nameOf(device)}${fromWords(device.ip)}`,
              click: () => end(device),
            },
            'Sign out',
          ),
    ],
  );

/** Where the user was signed in, and why no more; nothing where nothing is remembered. */
export function endedList(devices: readonly EndedDevice[], now: number): Node[] {
  if (devices.length === 0) return [];
  return [
    el(
      'details',
      {},
      el('summary', {}, `Recently signed out (${devices.length})`),
      el('ul', { class: 'list' }, ...devices.map((device) => endedItem(device, now))),
    ),
  ];
}

const endedItem = (device: EndedDevice, now: number): HTMLLIElement =>
  deviceItem(
    device,
    [
      [`${causeWords(device.cause, device.reason)}, `, momentOf(device.ended_at, now), fromWords(device.ended_from)],
      ['Was signed in ', momentOf(device.created_at, now), fromWords(device.ip)],
    ],
    device.reason === 'token_reused' ? [el('span', { class: 'tag bad' }, 'Check this')] : [],
  );

import { el } from '../../elements.js';
import { decodeToken } from '../play/decoded.js';
import { lengthOf } from '../play/words.js';

/** A token decoded: its end as a bar, and what differs from the one before. @param now milliseconds */
export function tokenFacts(title: string, token: string | undefined, before: string | undefined, now: number): Node[] {
  const decoded = decodeToken(token);
  if (!decoded) return [];
  const old = decodeToken(before);
  const known = { ...old?.header, ...old?.claims };
  const { header, claims } = decoded;
  const [iat, exp] = [Number(claims.iat) * 1000, Number(claims.exp) * 1000];
  const left = exp - now;
  const says = left > 0 ? `${lengthOf(left)} left` : 'over';
  return [
    el('h3', { class: 'row' }, title, el('span', { class: 'soft small' }, says)),
    el('meter', {
      class: 'wide',
      min: 0,
      max: Math.max(1, exp - iat),
      value: Math.max(0, left),
      'aria-label': `${title}: ${says}`,
    }),
    el(
      'dl',
      { class: 'facts' },
      ...Object.entries({ ...header, ...claims }).flatMap(([name, value]) => {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        const isNew = old !== undefined && JSON.stringify(known[name]) !== JSON.stringify(value);
        return [
          el('dt', {}, name),
          el('dd', { class: isNew ? 'new' : '' }, text, isNew && el('span', { class: 'seen-by-readers' }, ' (new)')),
        ];
      }),
    ),
  ];
}

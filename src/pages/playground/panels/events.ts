import { el } from '../../elements.js';
import { ACTOR_NAMES, lengthOf } from '../play/words.js';
import type { Panel } from '../view.js';
import { timeOf } from './clock.js';

/** What `AuthEvents` told, the newest first. */
export const events: Panel = ({ stage }) => {
  const told = (stage?.world.exchanges ?? []).flatMap((exchange) =>
    exchange.events.map((event) => ({ exchange, event })),
  );
  return [
    el('h2', {}, 'Events'),
    told.length === 0
      ? el('p', { class: 'soft' }, 'None yet.')
      : el(
          'ol',
          { class: 'list events', tabindex: 0, 'aria-label': 'Events, the newest first' },
          ...told.toReversed().map(({ exchange, event: { type, ...details } }) =>
            el(
              'li',
              {},
              el(
                'span',
                {
                  class: `tag ${/reused|ended|revoked/.test(type) ? 'bad' : type === 'token.replayed' ? 'warn' : 'good'}`,
                },
                type,
              ),
              el('span', { class: 'soft small' }, ` ${timeOf(exchange.at)}, by ${ACTOR_NAMES[exchange.actor]}`),
              el('span', { class: 'small block' }, detailsOf(details)),
            ),
          ),
        ),
  ];
};

const SHOWN = ['seq', 'distance', 'age', 'sameAttempt', 'reason', 'cause', 'generation'];
const detailsOf = (details: Readonly<Record<string, unknown>>): string =>
  SHOWN.filter((name) => details[name] !== undefined)
    .map((name) => `${name} ${name === 'age' ? lengthOf(Number(details[name])) : String(details[name])}`)
    .join(', ');

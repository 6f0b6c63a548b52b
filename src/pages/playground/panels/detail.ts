import { el } from '../../elements.js';
import { button } from '../elements.js';
import { curlOf } from '../play/as-curl.js';
import { reasonOf, ACTOR_NAMES } from '../play/words.js';
import type { Panel } from '../view.js';
import { timeOf } from './clock.js';

/** The exchange that was opened: request, answer, and what decided. */
export const detail: Panel = ({ stage, opened }, acts) => {
  const exchange = stage?.world.exchanges.find(({ id }) => id === opened);
  if (!stage || !exchange) return [];
  const { actor, method, path, status, at, id, isLost } = exchange;
  const row = reasonOf(exchange);
  const curl = curlOf(exchange, stage.world.addressOf(actor));
  return [
    el(
      'div',
      { class: 'row' },
      el('h2', {}, `${ACTOR_NAMES[actor]}: ${method} ${path} → ${status}`),
      button('Close', () => acts.open(undefined), { look: 'compact plain' }),
    ),
    el('p', { class: 'decided' }, el('span', { class: 'tag' }, row.name), ' ', row.says),
    isLost &&
      el('p', { class: 'notice warn' }, 'The service answered, and the connection was cut: nobody received it.'),
    el(
      'div',
      { class: 'pair' },
      el(
        'div',
        {},
        el('h3', {}, 'Request'),
        el('pre', { tabindex: 0, 'aria-label': 'Request' }, requestText(exchange)),
      ),
      el('div', {}, el('h3', {}, 'Answer'), el('pre', { tabindex: 0, 'aria-label': 'Answer' }, answerText(exchange))),
    ),
    el(
      'p',
      { class: 'row small soft' },
      button('Copy as curl', () => acts.copy(curl, 'the request as curl'), { look: 'compact' }),
      el('span', {}, `${timeOf(at)} · request `, el('code', {}, id)),
    ),
  ].filter((one) => one !== false);
};

function requestText({
  method,
  path,
  headers,
  body,
}: {
  method: string;
  path: string;
  headers: object;
  body?: unknown;
}): string {
  const lines = [`${method} ${path}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return [...lines, ...(body == null ? [] : ['', JSON.stringify(body, null, 2)])].join('\n');
}

const answerText = ({ status, answer }: { status: number; answer?: unknown }): string =>
  [String(status), ...(answer === undefined ? [] : ['', JSON.stringify(answer, null, 2)])].join('\n');

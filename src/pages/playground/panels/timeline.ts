import { el } from '../../elements.js';
import { svg } from '../elements.js';
import { chartOf, type Chart, type Dot, type Mark } from '../play/chart.js';
import { ACTOR_NAMES } from '../play/words.js';
import type { Panel } from '../view.js';
import { ACTORS, type ActorId } from '../world.types.js';

const COLUMN = 68;
const LANE = 78;
const TOP = 34;

const xOf = (column: number): number => column * COLUMN + COLUMN / 2;
const yOf = (lane: ActorId): number => TOP + ACTORS.indexOf(lane) * LANE + LANE / 2 - 8;

/** A lane for each actor, a dot for each exchange. */
export const timeline: Panel = ({ stage, opened }, acts) => {
  const chart = chartOf(stage?.moments ?? []);
  const width = Math.max(chart.columns, 1) * COLUMN;
  const height = TOP + ACTORS.length * LANE;
  const plane = el('div', { class: 'plane' }, lines(chart, width, height));
  plane.style.width = `${width}px`;
  plane.style.height = `${height}px`;
  for (const mark of chart.marks) plane.append(markOf(mark));
  const dots = chart.dots.map((dot) => {
    const button = dotOf(dot, dot.exchange.id === opened, () =>
      acts.open(dot.exchange.id === opened ? undefined : dot.exchange.id),
    );
    button.addEventListener('keydown', ({ key }) => {
      const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
      if (step !== 0) dots[dots.indexOf(button) + step]?.focus();
    });
    return button;
  });
  plane.append(...dots);
  const names = el(
    'div',
    { class: 'names', 'aria-hidden': 'true' },
    ...ACTORS.map((id) => el('span', { class: id }, ACTOR_NAMES[id])),
  );
  return [
    el('h2', { id: 'timeline-title' }, 'Timeline'),
    el(
      'div',
      { class: 'lanes' },
      names,
      el('div', { class: 'scroll', role: 'group', tabindex: 0, 'aria-labelledby': 'timeline-title' }, plane),
    ),
    chart.columns === 0
      ? el('p', { class: 'soft small' }, 'Nothing has happened yet.')
      : el(
          'p',
          { class: 'soft small' },
          'A number is that of the refresh token that was handed out. A dot opens: request, answer, and the row of the rule that decided.',
        ),
  ];
};

function lines({ threads, links }: Chart, width: number, height: number): SVGElement {
  return svg(
    'svg',
    { width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' },
    ...ACTORS.map((id) => svg('path', { class: 'rail', d: `M0 ${yOf(id)}H${width}` })),
    ...threads.map(({ lane, from, to, look }) =>
      svg('path', {
        class: `thread ${look} ${lane}`,
        d: `M${xOf(from)} ${yOf(lane)}H${to === from ? xOf(to) : xOf(to)}`,
      }),
    ),
    ...links.map(({ column, from, to, look }) =>
      svg('path', { class: `link ${look}`, d: `M${xOf(column)} ${yOf(from)}V${yOf(to)}` }),
    ),
  );
}

function dotOf(
  { column, lane, look, seq, label, spoken, exchange }: Dot,
  isOpen: boolean,
  open: () => void,
): HTMLElement {
  const inside = look === 'refused' ? '✕' : seq === undefined ? '' : String(seq);
  const button = el(
    'button',
    {
      type: 'button',
      class: `dot ${look} ${lane}`,
      'aria-label': spoken,
      'aria-expanded': String(isOpen),
      'aria-controls': 'detail',
      'data-key': exchange.id,
      'data-request': exchange.id,
      click: open,
    },
    el('span', { class: 'bead', 'aria-hidden': 'true' }, inside),
    ' ',
    el('span', { class: 'under', 'aria-hidden': 'true' }, label.replaceAll('_', '_\u200b')),
  );
  return placed(button, column, yOf(lane));
}

function markOf({ column, lane, look, seq, label }: Mark): HTMLElement {
  if (lane === undefined) {
    const mark = placed(el('div', { class: 'wait' }, el('span', {}, label)), column, 0);
    mark.style.height = '100%';
    return mark;
  }
  const sign = look === 'end' ? '✕' : String(seq ?? '');
  return placed(
    el(
      'div',
      { class: `mark ${look} ${lane}` },
      el('span', { class: 'bead', 'aria-hidden': 'true' }, sign),
      el('span', { class: 'under' }, label),
    ),
    column,
    yOf(lane),
  );
}

function placed(element: HTMLElement, column: number, y: number): HTMLElement {
  element.style.left = `${column * COLUMN}px`;
  element.style.width = `${COLUMN}px`;
  element.style.top = `${y}px`;
  return element;
}

import { el } from '../../elements.js';
import { button } from '../elements.js';
import type { Panel } from '../view.js';

const JUMPS = [
  ['+1 min', '1m'],
  ['+20 min', '20m'],
  ['+15 days', '15d'],
] as const;

/** The policy that counts, and the clock of the demo. */
export const clock: Panel = ({ stage, story }, acts) => {
  const { policy, clock: now } = stage?.world.state ?? {};
  return [
    el(
      'p',
      { class: 'policy' },
      policy &&
        `refresh-sliding · access tokens ${policy.accessTtl} · unused ${policy.idleTtl} · grace ${policy.grace}`,
    ),
    el(
      'div',
      { class: 'row', role: 'group', 'aria-label': 'The clock of the demo' },
      now !== undefined && el('time', { class: 'clock', datetime: new Date(now).toISOString() }, timeOf(now)),
      ...JUMPS.map(([label, duration]) =>
        button(label, () => acts.add({ do: 'wait', for: duration }), { look: 'compact' }),
      ),
      button('Now', () => (story ? acts.play(story) : acts.compose([])), {
        look: 'compact',
        title: 'Starts again, at the present time',
      }),
    ),
  ];
};

const FORMAT = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
export const timeOf = (time: number): string => FORMAT.format(time);

import { el } from '../../elements.js';
import { ACTOR_NAMES, lengthOf } from '../play/words.js';
import type { Panel } from '../view.js';
import { timeOf } from './clock.js';

/** The record that the store keeps of the chosen actor's session: the same size after any number of refreshes. */
export const record: Panel = ({ stage, chosen }) => {
  const sid = chosen === 'thief' ? undefined : stage?.devices[chosen].held?.sid;
  const kept = stage?.world.state.sessions.find((session) => session.sid === sid);
  if (!stage || !kept) {
    return [
      el('h2', {}, 'Record'),
      el('p', { class: 'soft' }, `The store keeps no session of ${ACTOR_NAMES[chosen]}.`),
    ];
  }
  const { now } = stage.world;
  const rows: [string, string][] = [
    ['seq', String(kept.seq)],
    ['rotatedAt', timeOf(kept.rotatedAt)],
    ['idleEnd', `${timeOf(kept.idleEnd)}, in ${lengthOf(kept.idleEnd - now)}`],
    ['absoluteEnd', `${timeOf(kept.absoluteEnd)}, in ${lengthOf(kept.absoluteEnd - now)}`],
    ['createdAt', timeOf(kept.createdAt)],
    ['generation', String(kept.generation)],
    ['sid', kept.sid],
  ];
  return [
    el('h2', { class: 'row' }, 'Record', el('span', { class: 'tag' }, `${kept.bytes} bytes`)),
    el('dl', { class: 'facts' }, ...rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
    el('p', { class: 'soft small' }, 'Packed as in Redis. It holds no token, and it does not grow.'),
  ];
};

import { el } from '../../elements.js';
import { button } from '../elements.js';
import type { Stage } from '../play/stage.js';
import type { Holder } from '../play/step.js';
import { ACTOR_NAMES, lengthOf } from '../play/words.js';
import type { Panel } from '../view.js';
import { ACTORS, type KeptSession } from '../world.types.js';

/** The sessions of the user, as the list of devices shows them; each can be ended from another one. */
export const devices: Panel = ({ stage, isPlaying }, acts) => {
  const sessions = stage?.world.state.sessions ?? [];
  return [
    el('h2', {}, 'Devices'),
    stage && sessions.length > 0
      ? el('ul', { class: 'list' }, ...sessions.map((session) => el('li', { class: 'row' }, ...itemOf(stage, session))))
      : el('p', { class: 'soft' }, 'Nobody is signed in.'),
  ];

  function itemOf(at: Stage, session: KeptSession): Node[] {
    const holders = holdersOf(at, session.sid);
    const [keeper] = holders;
    const other = HOLDERS.find((id) => at.canDo({ do: 'use', who: id }) && !holders.includes(id));
    const names = holders.map((id) => ACTOR_NAMES[id]).join(', ') || 'nobody has its token';
    return [
      el(
        'span',
        { class: 'grow' },
        el('strong', {}, session.device ?? 'Unnamed'),
        el(
          'span',
          { class: 'soft small block' },
          `${names} · last use ${lengthOf(at.world.now - session.rotatedAt)} ago`,
        ),
      ),
      ...(keeper && other
        ? [
            button('End', () => isPlaying || acts.add({ do: 'end', who: other, of: keeper }), {
              look: 'compact danger',
              'data-key': `end ${keeper}`,
              'aria-label': `End the session of ${names}, from ${ACTOR_NAMES[other]}`,
              'aria-disabled': isPlaying ? 'true' : undefined,
            }),
          ]
        : []),
      ...(keeper && sessions.length > 1
        ? [
            button('End the others', () => isPlaying || acts.add({ do: 'end-others', who: keeper }), {
              look: 'compact plain',
              'data-key': `others ${keeper}`,
              'aria-label': `End the others, from ${ACTOR_NAMES[keeper]}`,
              'aria-disabled': isPlaying ? 'true' : undefined,
            }),
          ]
        : []),
    ];
  }
};

const HOLDERS = ACTORS.filter((id): id is Holder => id !== 'thief');
const holdersOf = ({ devices: all }: Stage, sid: string): Holder[] => HOLDERS.filter((id) => all[id].held?.sid === sid);

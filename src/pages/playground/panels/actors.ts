import { el } from '../../elements.js';
import { button } from '../elements.js';
import { seqOf } from '../play/decoded.js';
import type { Stage } from '../play/stage.js';
import type { Holder, Step } from '../play/step.js';
import { ACTOR_NAMES, lengthOf } from '../play/words.js';
import type { Acts, Panel } from '../view.js';
import { ACTORS, type ActorId } from '../world.types.js';

/** Who plays, what each holds, and what each can do. */
export const actors: Panel = ({ stage, isPlaying }, acts) => [
  el('h2', {}, 'Actors'),
  el(
    'ul',
    { class: 'list actors' },
    ...ACTORS.map((id) =>
      el(
        'li',
        { class: `actor ${id}` },
        el(
          'div',
          { class: 'row' },
          el('span', { class: 'chip', 'aria-hidden': 'true' }),
          el('strong', {}, ACTOR_NAMES[id]),
          ...(stage ? stateOf(stage, id) : []),
        ),
        stage && told(stage, id),
        stage && menuOf(stage, id, isPlaying, acts),
      ),
    ),
  ),
];

function stateOf(stage: Stage, id: ActorId): Node[] {
  if (id === 'thief') {
    const seq = seqOf(stage.thief.token);
    return seq === undefined ? [quiet('has nothing')] : [el('span', { class: 'tag bad' }, `holds token ${seq}`)];
  }
  const { held, end } = stage.devices[id];
  if (!held) return end ? [el('span', { class: 'tag bad' }, end.code)] : [quiet('signed out')];
  const left = held.at + held.life - stage.world.now;
  const label = left > 0 ? `access ${lengthOf(left)}` : 'access token over';
  return [
    el('span', { class: 'tag' }, `token ${seqOf(held.refresh) ?? '?'}`),
    el('meter', { min: 0, max: held.life, value: Math.max(0, left), 'aria-label': `${ACTOR_NAMES[id]}: ${label}` }),
    quiet(label),
  ];
}

/** What the service said to them, in its own words. */
function told(stage: Stage, id: ActorId): Node | undefined {
  const text = id === 'thief' ? stage.thief.told : stage.devices[id].end?.message;
  return text === undefined ? undefined : el('p', { class: 'small told-to' }, `“${text}”`);
}

const quiet = (text: string): HTMLElement => el('span', { class: 'soft small' }, text);

function menuOf(stage: Stage, id: ActorId, isPlaying: boolean, acts: Acts): Node {
  const others = ACTORS.filter((one): one is Holder => one !== 'thief' && one !== id);
  const offers: [string, Step][] =
    id === 'thief'
      ? [
          ...others.map((of): [string, Step] => [`Copy the token of ${ACTOR_NAMES[of]}`, { do: 'steal', who: id, of }]),
          ['Use the copy', { do: 'use-stolen', who: id }],
        ]
      : [
          ['Sign in', { do: 'sign-in', who: id }],
          ...others.map((of): [string, Step] => [`Open as a tab of ${ACTOR_NAMES[of]}`, { do: 'join', who: id, of }]),
          ['Ask for the cart', { do: 'use', who: id }],
          ['Lose the next answer', { do: 'lose-answer', who: id }],
          ...others.map((of): [string, Step] => [`End the session of ${ACTOR_NAMES[of]}`, { do: 'end', who: id, of }]),
          ['End all others', { do: 'end-others', who: id }],
          ['Change the password', { do: 'change-password', who: id }],
          ['Sign out', { do: 'sign-out', who: id }],
        ];
  const possible = offers.filter(([, step]) => stage.canDo(step) && makesSense(stage, step));
  const name = ACTOR_NAMES[id];
  return el(
    'div',
    { class: 'menu', role: 'group', 'aria-label': `What ${name} can do` },
    ...possible.map(([label, step]) =>
      button(label, () => isPlaying || acts.add(step), {
        look: 'mini',
        'data-key': `${id} ${label}`,
        'aria-disabled': isPlaying ? 'true' : undefined,
      }),
    ),
  );
}

/** A phone is no tab of the laptop, and a session is not ended by its own other tab. */
function makesSense(stage: Stage, step: Step): boolean {
  if (step.do === 'join') return step.who !== 'phone' && step.of !== 'phone';
  if (step.do === 'end') return stage.devices[step.who].held?.sid !== stage.devices[step.of].held?.sid;
  return true;
}

import { el } from '../../elements.js';
import { button } from '../elements.js';
import { answerOf } from '../play/answers.js';
import { ACTOR_NAMES } from '../play/words.js';
import type { Panel, View } from '../view.js';
import { ACTORS } from '../world.types.js';
import { tokenFacts } from './token-facts.js';

type TokenName = 'access_token' | 'refresh_token';

/** The tokens of one actor, decoded; what is new about them stands out. */
export const tokens: Panel = (view, acts) => {
  const { stage, chosen } = view;
  const now = stage?.world.now ?? 0;
  const shown = [
    ['Access token', 'access_token'],
    ['Refresh token', 'refresh_token'],
  ] as const;
  const facts = shown.map(([title, name]) => tokenFacts(title, ...tokensOf(view, name), now));
  return [
    el('h2', {}, 'Tokens'),
    el(
      'div',
      { class: 'choices', role: 'group', 'aria-label': 'Whose tokens and record are shown' },
      ...ACTORS.map((id) =>
        button(ACTOR_NAMES[id], () => acts.choose(id), {
          look: 'mini',
          'data-key': `tokens ${id}`,
          'aria-pressed': String(id === chosen),
        }),
      ),
    ),
    facts.flat().length > 0
      ? el('div', { class: 'both' }, ...facts.map((parts) => parts.length > 0 && el('div', {}, ...parts)))
      : el('p', { class: 'soft' }, `${ACTOR_NAMES[chosen]} has no token.`),
  ];
};

/** The present one, and the one that the actor was given before it. */
function tokensOf({ stage, chosen }: View, name: TokenName): [now: string | undefined, before: string | undefined] {
  if (!stage) return [undefined, undefined];
  const { access, refresh } =
    chosen === 'thief' ? { access: undefined, refresh: stage.thief.token } : (stage.devices[chosen].held ?? {});
  const held = name === 'access_token' ? access : refresh;
  if (held === undefined) return [undefined, undefined];
  const given = stage.world.exchanges
    .filter(({ actor, isLost }) => actor === chosen && !isLost)
    .flatMap((exchange) => answerOf(exchange)[name] ?? []);
  return [held, given[given.lastIndexOf(held) - 1]];
}

import { el } from '../../elements.js';
import { button } from '../elements.js';
import { testOf } from '../play/as-test.js';
import { STORIES } from '../play/stories.js';
import type { Panel } from '../view.js';

/** The stories, and the one that is being played. */
export const stories: Panel = ({ story, stage, left, isPlaying, policy, said }, acts) => [
  el(
    'div',
    { class: 'choices', role: 'group', 'aria-label': 'Stories' },
    ...STORIES.map((one) =>
      button(one.title, () => acts.play(one), { look: 'compact choice', 'aria-pressed': String(one === story) }),
    ),
    button('Your own story', () => acts.compose([]), { look: 'compact choice', 'aria-pressed': String(!story) }),
  ),
  el(
    'div',
    { class: 'told' },
    el('h2', {}, story?.title ?? 'Your own story'),
    el(
      'p',
      {},
      story?.tells ??
        'Let the tabs, the phone and the thief do what you like, and let time pass. Each request is a real one.',
    ),
    story &&
      el(
        'p',
        { class: `promise ${left === 0 && !isPlaying ? 'kept' : ''}` },
        el('strong', {}, left === 0 && !isPlaying ? 'The end. ' : 'How it ends. '),
        story.promise,
      ),
    said !== '' && !said.startsWith('The end') && el('p', { class: 'caption', 'aria-hidden': 'true' }, said),
    el(
      'div',
      { class: 'row' },
      story &&
        button(isPlaying ? 'Playing …' : 'Play again', () => acts.play(story), {
          look: 'compact first',
          'data-key': 'again',
          'aria-disabled': isPlaying ? 'true' : undefined,
        }),
      button(
        'Copy as a test',
        () => acts.copy(testOf({ title: titleOf(story), moments: stage?.moments ?? [], policy }), 'a Nest test'),
        { look: 'compact' },
      ),
      button('Copy the link', () => acts.copy(new URL(acts.link(), location.href).href, 'a link to this story'), {
        look: 'compact',
      }),
    ),
  ),
];

const titleOf = (story: { title: string; promise: string } | undefined): string =>
  story ? `${story.title}: ${story.promise}` : 'a story of my own';

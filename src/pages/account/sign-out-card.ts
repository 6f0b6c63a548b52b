import { el } from '../elements.js';

/** The ways out. */
export const signOutCard = (signOut: (everywhere: boolean) => void): HTMLElement =>
  el(
    'section',
    { class: 'card', 'aria-labelledby': 'out' },
    el('h2', { id: 'out' }, 'Sign out'),
    el(
      'div',
      { class: 'row' },
      el('button', { type: 'button', class: 'button', click: () => signOut(false) }, 'Sign out here'),
      el('button', { type: 'button', class: 'button danger', click: () => signOut(true) }, 'Sign out everywhere'),
    ),
  );

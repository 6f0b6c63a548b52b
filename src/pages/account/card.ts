import type { Session } from '../../client/index.js';

/** What a card needs of the page around it. */
export interface CardContext {
  readonly session: Session;
  /** Says something in the live region. */
  readonly say: (words: string, kind?: 'good' | 'bad' | 'warn') => void;
}

/** A part of the page that shows what the service says. */
export interface Card {
  readonly element: HTMLElement;
  /** Asks the service anew. @throws SessionError */
  readonly look: () => Promise<void>;
}

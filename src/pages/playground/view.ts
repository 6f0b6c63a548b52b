import type { ActorId, WorldPolicy } from './world.types.js';
import type { WorldGone } from './play/demo-world.js';
import type { Stage } from './play/stage.js';
import type { Step } from './play/step.js';
import type { Story } from './play/stories.js';

/** What all panels show; a change of it draws them anew. */
export interface View {
  stage?: Stage;
  /** Undefined: the reader's own story. */
  story?: Story;
  /** Steps that are still to be played. */
  left: number;
  isPlaying: boolean;
  /** Id of the exchange that is opened. */
  opened?: string;
  /** Whose tokens and record are shown. */
  chosen: ActorId;
  /** Options that the reader has set. */
  policy: Partial<WorldPolicy>;
  gone?: WorldGone;
  /** What a screen reader is told. */
  said: string;
}

/** What panels can ask for. */
export interface Acts {
  play(story: Story): void;
  /** Plays the steps in a new world, as a story of the reader's own. */
  compose(steps: readonly Step[]): void;
  /** Does one thing more in the world that is there. */
  add(step: Step): void;
  open(id: string | undefined): void;
  choose(actor: ActorId): void;
  /** Starts anew with other options. */
  use(policy: Partial<WorldPolicy>): void;
  copy(text: string, what: string): void;
  /** A link to what is being played. */
  link(): string;
}

export type Panel = (view: View, acts: Acts) => (Node | string)[];

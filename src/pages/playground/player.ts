import type { WorldPolicy } from './world.types.js';
import { Refused, WorldGone } from './play/demo-world.js';
import { Stage } from './play/stage.js';
import { textOf, type Step } from './play/step.js';
import type { Story } from './play/stories.js';
import { answerOf, codeOf } from './play/answers.js';
import { ACTOR_NAMES, sentenceOf } from './play/words.js';
import type { Acts, View } from './view.js';

/** Milliseconds from step to step, so that eyes can follow. */
const PACE = 650;

/** Plays stories, one at a time, and says what has changed. */
export class Player implements Acts {
  readonly view: View = { left: 0, isPlaying: false, chosen: 'tab-a', policy: {}, said: '' };
  /** Raised by each new story: what an older one still wants to do is dropped. */
  private turn = 0;
  private queue: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly changed: () => void,
    private readonly isCalm: () => boolean,
  ) {}

  play(story: Story): void {
    history.replaceState(null, '', `#story=${story.id}`);
    this.start(story, story.steps);
  }

  compose(steps: readonly Step[]): void {
    this.start(undefined, steps);
  }

  add(step: Step): void {
    const { turn, view } = this;
    view.story = undefined;
    this.after(turn, async () => {
      await this.perform(step);
      history.replaceState(null, '', this.link());
    });
  }

  open(id: string | undefined): void {
    this.view.opened = id;
    this.changed();
  }

  choose(actor: View['chosen']): void {
    this.view.chosen = actor;
    this.changed();
  }

  use(policy: Partial<WorldPolicy>): void {
    const { view } = this;
    view.policy = policy;
    this.start(view.story, view.story?.steps ?? view.stage?.moments.map(({ step }) => step) ?? []);
  }

  copy(text: string, what: string): void {
    navigator.clipboard.writeText(text).then(
      () => this.say(`Copied: ${what}.`),
      () => this.say('The browser does not let this page copy.'),
    );
  }

  link(): string {
    const { story, stage } = this.view;
    return story ? `#story=${story.id}` : `#steps=${textOf(stage?.moments.map(({ step }) => step) ?? [])}`;
  }

  /** Looks whether the service is still there, and knows the world. */
  async look(): Promise<void> {
    if (this.view.isPlaying || !this.view.stage) return;
    await this.view.stage.world.look().then(
      () => this.view.gone && this.tell(undefined),
      (error: unknown) => error instanceof WorldGone && this.tell(error),
    );
  }

  private start(story: Story | undefined, steps: readonly Step[]): void {
    const turn = ++this.turn;
    const { view } = this;
    Object.assign(view, { story, left: steps.length, isPlaying: true, opened: undefined, said: '' });
    this.changed();
    this.after(turn, async () => {
      view.stage = await Stage.open(location.origin, { now: Date.now(), policy: view.policy });
      view.gone = undefined;
      const actor = steps.find((step) => step.do === 'sign-in');
      view.chosen = actor?.do === 'sign-in' ? actor.who : 'tab-a';
      for (const step of steps) {
        if (turn !== this.turn) return;
        await this.perform(step);
        view.left--;
        if (view.left > 0 && !this.isCalm()) await new Promise((resolve) => setTimeout(resolve, PACE));
      }
      if (view.story) this.say(`The end: ${view.story.promise}`);
    });
  }

  /** Runs one thing after the other; what the service says against it is shown. */
  private after(turn: number, act: () => Promise<void>): void {
    this.queue = this.queue.then(async () => {
      if (turn !== this.turn) return;
      this.view.isPlaying = true;
      try {
        await act();
      } catch (error) {
        if (error instanceof WorldGone) this.tell(error);
        else this.say(error instanceof Refused ? error.message : String(error));
      }
      if (turn !== this.turn) return;
      this.view.isPlaying = false;
      this.changed();
    });
  }

  private async perform(step: Step): Promise<void> {
    const moment = await this.view.stage!.perform(step);
    const last = moment.exchanges.at(-1);
    const told = last && `${ACTOR_NAMES[last.actor]} is answered ${codeOf(last) ?? last.status}.`;
    if (last && answerOf(last).refresh_token !== undefined) this.view.chosen = last.actor;
    this.say([sentenceOf(step), told].filter(Boolean).join(' '));
  }

  private say(text: string): void {
    this.view.said = text;
    this.changed();
  }

  private tell(gone: WorldGone | undefined): void {
    this.view.gone = gone;
    this.changed();
  }
}

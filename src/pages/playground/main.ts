import { el } from '../elements.js';
import { replace } from './elements.js';
import { actors } from './panels/actors.js';
import { clock } from './panels/clock.js';
import { detail } from './panels/detail.js';
import { devices } from './panels/devices.js';
import { events } from './panels/events.js';
import { policyPanel } from './panels/policy.js';
import { record } from './panels/record.js';
import { stories } from './panels/stories.js';
import { timeline } from './panels/timeline.js';
import { tokens } from './panels/tokens.js';
import { yours } from './panels/yours.js';
import { stepsOf } from './play/step.js';
import { STORIES } from './play/stories.js';
import { Player } from './player.js';
import { joinTabs } from './tabs.js';
import type { Panel } from './view.js';

/** Milliseconds between two looks whether the service is still there. */
const LOOK_EVERY = 4000;

const PANELS: Readonly<Record<string, Panel>> = {
  stories,
  clock,
  actors,
  timeline,
  detail,
  tokens,
  record,
  devices,
  events,
};

const place = (id: string): HTMLElement => document.getElementById(id)!;
const calm = matchMedia('(prefers-reduced-motion: reduce)');

const player = new Player(draw, () => calm.matches);

/** Moments that were drawn last: more of them than before are scrolled to. */
let drawn = 0;

function draw(): void {
  const { view } = player;
  const { scrollLeft = 0 } = document.querySelector('.scroll') ?? {};
  const moments = view.stage?.moments.length ?? 0;
  for (const [id, panel] of Object.entries(PANELS)) replace(place(id), ...panel(view, player));
  place('detail').hidden = view.opened === undefined;
  place('said').textContent = view.said;
  place('gone').replaceChildren(
    ...(view.gone
      ? [
          el(
            'p',
            { class: 'notice bad' },
            `${view.gone.message} ${view.gone.isStopped ? 'What you see is the last that it answered. Start it again, and play a story.' : 'Play a story to start again.'}`,
          ),
        ]
      : []),
  );
  const scroll = document.querySelector('.scroll')!;
  scroll.scrollLeft = moments > drawn ? scroll.scrollWidth : scrollLeft;
  drawn = moments;
}

function follow(): void {
  const hash = new URLSearchParams(location.hash.slice(1));
  const steps = hash.get('steps');
  const story = STORIES.find(({ id }) => id === hash.get('story'));
  if (story) player.play(story);
  else if (steps !== null) player.compose(stepsOf(steps) ?? []);
  else player.play(STORIES[0]!);
}

draw();
follow();
addEventListener('hashchange', follow);
setInterval(() => document.visibilityState === 'visible' && void player.look(), LOOK_EVERY);
policyPanel(place('policy'), JSON.parse(document.body.dataset.policy!) as never, (policy) => player.use(policy));

let isJoined = false;
joinTabs(document.querySelector<HTMLElement>('[role="tablist"]')!, (id) => {
  if (id !== 'yours' || isJoined) return;
  isJoined = true;
  yours(place('yours'), document.body.dataset.routes!);
});

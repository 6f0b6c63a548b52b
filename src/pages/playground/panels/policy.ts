import { el } from '../../elements.js';
import { button } from '../elements.js';
import type { PolicyFigures, WorldPolicy } from '../world.types.js';

interface Slider {
  readonly name: keyof WorldPolicy;
  readonly label: string;
  readonly stops: readonly string[];
}

const SLIDERS: readonly Slider[] = [
  {
    name: 'accessTtl',
    label: 'accessTtl: life of an access token',
    stops: ['1m', '5m', '15m', '30m', '1h', '4h', '12h'],
  },
  {
    name: 'idleTtl',
    label: 'idleTtl: unused for so long, a session ends',
    stops: ['1h', '1d', '7d', '14d', '30d', '90d'],
  },
  {
    name: 'grace',
    label: 'grace: a used refresh token still gets its successor',
    stops: ['0s', '5s', '30s', '1m', '5m'],
  },
];

/** Sliders of the policy, and what it means by `policyReport()`. It lives as long as the page, and is drawn once. */
export function policyPanel(place: Element, defaults: WorldPolicy, use: (policy: Partial<WorldPolicy>) => void): void {
  const chosen: Record<string, string> = {};
  const table = el('div', { class: 'figures', role: 'status' });
  let asked = 0;
  const show = async (): Promise<void> => {
    const turn = ++asked;
    const query = new URLSearchParams(chosen);
    const figures = await fetch(`/playground/policy?${query}`).then(
      async (response) => (await response.json()) as PolicyFigures & { message?: string },
      () => undefined,
    );
    if (turn !== asked || !figures) return;
    table.replaceChildren(...(figures.rows ? figuresOf(figures) : [el('p', { class: 'notice bad' }, figures.message)]));
  };
  place.replaceChildren(
    el('h2', {}, 'Policy'),
    el('p', { class: 'soft' }, 'What it means, by the same policyReport() that a start prints.'),
    el(
      'div',
      { class: 'sliders' },
      ...SLIDERS.map((slider) =>
        sliderOf(slider, defaults[slider.name], (value) => {
          if (value === defaults[slider.name]) delete chosen[slider.name];
          else chosen[slider.name] = value;
          void show();
        }),
      ),
    ),
    table,
    el(
      'div',
      { class: 'row' },
      button('Play the story with this policy', () => use({ ...chosen }), { look: 'compact first' }),
    ),
  );
  void show();
}

function sliderOf({ name, label, stops }: Slider, value: string, changed: (value: string) => void): HTMLElement {
  const all = stops.includes(value) ? stops : [...stops, value];
  const output = el('output', { for: `policy-${name}` }, value);
  const input = el('input', {
    id: `policy-${name}`,
    type: 'range',
    min: 0,
    max: all.length - 1,
    step: 1,
    value: all.indexOf(value),
    'aria-valuetext': value,
  });
  input.addEventListener('input', () => {
    const next = all[Number(input.value)]!;
    output.textContent = next;
    input.setAttribute('aria-valuetext', next);
    changed(next);
  });
  return el(
    'div',
    { class: 'field' },
    el('label', { for: `policy-${name}` }, label),
    el('div', { class: 'slider' }, input, output),
  );
}

const figuresOf = ({ rows, findings }: PolicyFigures): Node[] => [
  el(
    'table',
    {},
    el('caption', { class: 'seen-by-readers' }, 'What the policy means'),
    el(
      'tbody',
      {},
      ...rows.map(([name, value]) => el('tr', {}, el('th', { scope: 'row' }, name), el('td', {}, value))),
    ),
  ),
  ...findings.map(({ level, option, message }) =>
    el('p', { class: `notice ${level === 'dangerous' ? 'bad' : 'warn'}` }, el('strong', {}, option), `: ${message}.`),
  ),
];

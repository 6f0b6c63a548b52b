import { el } from '../elements.js';

/** Makes an element of SVG. */
export function svg(
  tag: string,
  attributes: Readonly<Record<string, string | number>>,
  ...children: Node[]
): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/**
 * Puts new content in the place of the old one, and keeps the keyboard where it was: at the element of the same
 * `data-key`.
 */
export function replace(place: Element, ...children: (Node | string)[]): void {
  const focused = document.activeElement;
  const key = focused && place.contains(focused) ? focused.getAttribute('data-key') : null;
  place.replaceChildren(...children);
  if (key === null) return;
  const again = [...place.querySelectorAll<HTMLElement>('[data-key]')].find((one) => one.dataset.key === key);
  const group = key.split(' ', 1)[0]!;
  // What was pressed may be gone, since it was done; then what stands beside it.
  const beside = [...place.querySelectorAll<HTMLElement>('[data-key]')].find((one) =>
    one.dataset.key!.startsWith(`${group} `),
  );
  (again ?? beside)?.focus({ preventScroll: true });
}

/** A button in the look of all pages. */
export const button = (
  label: string,
  act: () => unknown,
  { look = '', ...properties }: { readonly look?: string; readonly [name: string]: string | boolean | undefined } = {},
): HTMLButtonElement =>
  el('button', { type: 'button', class: `button ${look}`.trim(), 'data-key': label, ...properties, click: act }, label);

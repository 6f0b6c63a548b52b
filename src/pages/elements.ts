type Child = Node | string | number | false | null | undefined;

interface Properties {
  /** Attributes by name; undefined and false leave one out, `true` is the empty text. A function listens to an event. */
  readonly [name: string]: string | number | boolean | undefined | ((event: Event) => void);
}

/**
 * Makes an element. What comes from outside is put in as text, never as HTML.
 * @example el('button', { class: 'button', click: () => save() }, 'Save')
 */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : String(value));
  }
  const shown = children.filter((child) => child != null && child !== false);
  element.append(...shown.map((child) => (typeof child === 'number' ? String(child) : child)));
  return element;
}

import { readFileSync } from 'node:fs';
import { root } from '../../scripts/root.mjs';

/**
 * The marked blocks of a page of the docs, in their order: `<!-- walk: name -->` above a fence.
 * @returns {{ name: string, code: string }[]}
 */
export const stepsOf = (page) =>
  [...readFileSync(root + page, 'utf8').matchAll(/<!-- walk: (.+?) -->\s+```\w+\n([\s\S]*?)```/g)].map(
    ([, name, code]) => ({ name, code }),
  );

/** The code of one mark; of several blocks with it, all in their order. */
export function stepOf(page, mark) {
  const found = stepsOf(page).filter(({ name }) => name === mark);
  if (found.length === 0) throw new Error(`${page} has no block marked "walk: ${mark}"`);
  return found.map(({ code }) => code).join('');
}

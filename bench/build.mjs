import { pathToFileURL } from 'node:url';
import { root } from '../scripts/root.mjs';

const asFolder = (path) => pathToFileURL(`${path.replace(/\/+$/, '')}/`).href;

/** The build under test. */
export const build = asFolder(process.env.KEYTURN_BUILD ?? `${root}dist/esm`);

/** Another build to stand beside it in the same rounds: the only way to see a gain on a noisy machine. */
export const other = process.env.KEYTURN_AGAINST ? asFolder(process.env.KEYTURN_AGAINST) : null;

/** @param file relative to the build's folder, such as `tokens/key-ring.js` */
export const load = (file, from = build) => import(new URL(file, from).href);

/** Each variant that runs Keyturn once more, on the other build. */
export const besideOther = (variants) =>
  variants.flatMap((variant) => {
    if (!variant.config?.build || !other) return [variant];
    const twin = { ...variant, name: `${variant.name} (against)`, config: { ...variant.config, build: other } };
    return [variant, twin];
  });

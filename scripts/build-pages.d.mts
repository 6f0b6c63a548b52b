/**
 * Bundles the script of each page, a folder of src/pages with a main.ts in it, as `<name>.js`.
 * @param outdir where the scripts are put; default: dist/pages
 */
export function buildPages(outdir?: string): Promise<void>;

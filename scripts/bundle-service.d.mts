import type { Metafile } from 'esbuild';

/** Names of packages that stay in node_modules. */
export const OUTSIDE: readonly RegExp[];

/**
 * Bundles the service and its command.
 * @param sources the folder of the compiled sources
 * @returns the files of the bundle, which take the place of the folder `service` there, and esbuild's metafile
 * @throws Error when a class would not be called as it is in the sources
 */
export function bundleService(sources: string): Promise<{
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly metafile: Metafile;
}>;

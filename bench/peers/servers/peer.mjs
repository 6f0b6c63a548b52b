import { pathToFileURL } from 'node:url';
import { config } from '../../servers/asked.mjs';

const { load: loadThere } = await import(pathToFileURL(`${config.peers}/load.mjs`).href);

/** A package of a peer, from the folder of their packages. */
export const load = (name) => loadThere(name);

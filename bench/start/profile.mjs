/** Of a V8 CPU profile: each script's address with the microseconds that were spent in its own code. */
export function selfTimes({ nodes, samples, timeDeltas }) {
  const urls = new Map(nodes.map(({ id, callFrame }) => [id, callFrame.url || callFrame.functionName]));
  const times = new Map();
  for (const [index, id] of samples.entries()) {
    const url = urls.get(id);
    times.set(url, (times.get(url) ?? 0) + timeDeltas[index]);
  }
  return [...times].filter(([url]) => url !== '(idle)');
}

/** What a reader calls the code at an address. */
export function packageOf(url) {
  if (url.startsWith('node:')) return /loader|esm|cjs|modules/.test(url) ? "Node's module loader" : 'Node';
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  return name ?? (/\/dist\/esm\//.test(url) ? 'Keyturn' : url);
}

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { root } from '../../scripts/root.mjs';

const UPSTREAM = 'https://registry.npmjs.org';

/**
 * A registry on this machine that has the packed tarball as `keyturn`, for tools that take packages by their name only.
 * It sends its callers to the public registry for everything else.
 */
export async function startRegistry(tarball) {
  const packed = readFileSync(tarball);
  const manifest = JSON.parse(readFileSync(`${root}dist/package/package.json`, 'utf8'));
  const server = createServer(({ url, headers }, response) => {
    if (url === '/keyturn') {
      const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`;
      const dist = { tarball: `http://${headers.host}/keyturn/-/keyturn.tgz`, integrity };
      const { version } = manifest;
      const versions = { [version]: { ...manifest, dist } };
      // Yarn takes nothing that is younger than some days.
      const time = { [version]: '2026-01-01T00:00:00.000Z' };
      const known = { name: 'keyturn', 'dist-tags': { latest: version }, versions, time };
      return response.setHeader('content-type', 'application/json').end(JSON.stringify(known));
    }
    if (url === '/keyturn/-/keyturn.tgz') return response.end(packed);
    return response.writeHead(302, { location: UPSTREAM + url }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, stop };
}

import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { root } from '../support/source-imports.js';

/** Bytes of an entry as a page loads it: minified and compressed. */
async function sizeOf(entry: string, external: string[]): Promise<number> {
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/client', entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    external,
  });
  return brotliCompressSync(outputFiles[0]!.contents).length;
}

describe('the client: what a page pays for it', () => {
  it('is at most 5 KB, because a page loads it before anything else', async () => {
    expect(await sizeOf('index.ts', [])).toBeLessThanOrEqual(5120);
  });

  it.each(['angular.ts', 'axios.ts', 'expo.ts', 'ky.ts', 'next.ts', 'react.ts'])(
    'its adapter %s is at most 1 KB beside it',
    async (entry) => {
      expect(await sizeOf(entry, ['react', 'rxjs', './session.js'])).toBeLessThanOrEqual(1024);
    },
  );
});

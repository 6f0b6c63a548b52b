import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundleService } from '../scripts/bundle-service.mjs';
import { root } from './support/source-imports.js';

const packageIn = (path: string): string[] => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.slice(1) ?? [];

describe('the bundle of the service', () => {
  let outputs: Metafile['outputs'];
  /** The files that are loaded before anything is asked of the service. */
  let atStart: string[];
  const packagesIn = (files: readonly string[]): Set<string> =>
    new Set(
      files.flatMap((file) =>
        Object.entries(outputs[file]!.inputs).flatMap(([path, { bytesInOutput }]) =>
          bytesInOutput > 0 ? packageIn(path) : [],
        ),
      ),
    );
  const outsideOf = (files: readonly string[]): Set<string> =>
    new Set(files.flatMap((file) => outputs[file]!.imports.filter(({ external }) => external).map(({ path }) => path)));

  beforeAll(async () => {
    ({ outputs } = (await bundleService(join(root, 'src'))).metafile);
    const start = Object.keys(outputs).find((file) => file.endsWith('/service/start.js'))!;
    const reached = (file: string, seen = new Set<string>()): Set<string> => {
      if (seen.has(file)) return seen;
      seen.add(file);
      const next = outputs[file]!.imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
      for (const { path } of next) reached(path, seen);
      return seen;
    };
    atStart = [...reached(start)];
  });

  it('leaves outside what an instrumentation looks for by its name, because inside it would find nothing', () => {
    const looked = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-fastify', 'ioredis', 'nodemailer', 'pg'];
    const inside = packagesIn(Object.keys(outputs));

    expect([...looked, 'fastify'].filter((name) => inside.has(name))).toEqual([]);
    expect([...outsideOf(Object.keys(outputs))]).toEqual(expect.arrayContaining(looked));
  });

  it('leaves outside what brings binaries, and what Nest has to share with us', () => {
    const shared = ['@electric-sql/pglite', '@node-rs/argon2', '@node-rs/bcrypt', 'reflect-metadata', 'rxjs'];
    const inside = packagesIn(Object.keys(outputs));

    expect(shared.filter((name) => inside.has(name))).toEqual([]);
    expect([...outsideOf(Object.keys(outputs))]).toEqual(expect.arrayContaining(shared));
  });

  it('takes of class-validator what is used: not the telephone numbers of the world, which nothing here asks for', () => {
    expect(packagesIn(atStart)).toContain('class-validator');
    expect(packagesIn(Object.keys(outputs))).not.toContain('libphonenumber-js');
  });

  it('loads the databases, the playground, the API page and the mailer only where they are used', () => {
    const pages = atStart.filter((file) => /\/(playground|api-document|pglite|node-postgres)-\w+\.js$/.test(file));

    expect(pages).toEqual([]);
    for (const late of ['@electric-sql/pglite', '@nestjs/swagger', 'nodemailer', 'pg']) {
      const statements = atStart.flatMap((file) =>
        outputs[file]!.imports.filter(({ path, kind }) => path === late && kind === 'import-statement'),
      );
      expect([late, statements]).toEqual([late, []]);
    }
  });

  it('holds no package that is installed for development only, because its licence and its faults are looked for elsewhere', () => {
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
    };
    const strays = [...packagesIn(Object.keys(outputs))].filter((name) => {
      const { dev, devOptional } = packages[`node_modules/${name}`] ?? {};
      return dev ?? devOptional;
    });

    expect(strays).toEqual([]);
  });
});

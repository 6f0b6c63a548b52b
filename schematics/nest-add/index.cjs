// What `nest add keyturn` does after it has installed the package: it writes the packages that Keyturn needs into
// package.json, in the versions that fit the application's Nest, and AuthModule into the root module. It imports nothing, so
// that it runs with every Nest CLI, under pnpm and Yarn's Plug'n'Play too.
'use strict';

const PACKAGES = {
  11: { '@nestjs/jwt': '^11.0.0', '@nestjs/passport': '^11.0.0', passport: '^0.7.0', ioredis: '^5.0.0' },
  12: { '@nestjs/jwt': '^12.0.0', '@nestjs/passport': '^12.0.0', passport: '^0.7.0', ioredis: '^6.0.0' },
};

const IMPORT = "import { AuthModule, generateKeys, InMemoryTokenRepositoryModule } from 'keyturn';\n";

const MODULE = [
  'AuthModule.forRoot({',
  '  // The public URL of this application.',
  "  issuer: 'http://localhost:3000',",
  '  // A private JWKS. Without AUTH_KEYS each start makes new keys, and everybody has to log in again.',
  '  keys: process.env.AUTH_KEYS ?? generateKeys(),',
  "  // For more than one process: RedisTokenRepositoryModule.forRoot({ url: 'redis://localhost:6379' })",
  '  store: InMemoryTokenRepositoryModule.forRoot(),',
  "  routes: { path: 'auth' },",
  '  isGlobal: true,',
  "  // 'global' guards every route that is not @Public(); with 'manual' write @UseGuards(JwtAuthGuard).",
  "  guard: 'manual',",
  '}),',
];

/** @returns the rule of the schematic */
exports.nestAdd = function nestAdd({ sourceRoot = 'src', module = 'app.module.ts', skipInstall = false }) {
  return (tree, context) => {
    const changed = addPackages(tree, context.logger);
    addModule(tree, `/${sourceRoot}/${module}`, context.logger);
    // The task of the schematics' own NodePackageInstallTask, which cannot be imported from here everywhere.
    if (changed && !skipInstall) {
      context.addTask({
        toConfiguration: () => ({ name: 'node-package', options: { command: 'install', quiet: true } }),
      });
    }
    return tree;
  };
};

function addPackages(tree, logger) {
  const text = tree.read('/package.json')?.toString();
  if (text === undefined)
    throw new Error('There is no package.json here. Run this in the folder of a Nest application.');
  const manifest = JSON.parse(text);
  const nest = manifest.dependencies?.['@nestjs/core'] ?? manifest.dependencies?.['@nestjs/common'] ?? '';
  const major = /\d+/.exec(nest)?.[0];
  const wanted = PACKAGES[major];
  if (!wanted) {
    throw new Error(`Keyturn needs Nest 11 or 12, and package.json asks for @nestjs/core ${nest || '(nothing)'}.`);
  }
  const missing = Object.entries(wanted).filter(([name]) => !manifest.dependencies[name]);
  if (missing.length === 0) return false;
  const dependencies = Object.entries({ ...manifest.dependencies, ...Object.fromEntries(missing) });
  manifest.dependencies = Object.fromEntries(dependencies.sort(([a], [b]) => (a < b ? -1 : 1)));
  tree.overwrite('/package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  logger.info(`Nest ${major}: adds ${missing.map(([name, range]) => `${name}@${range}`).join(', ')}`);
  return true;
}

function addModule(tree, path, logger) {
  const text = tree.read(path)?.toString();
  const wired = text === undefined ? undefined : withModule(text);
  if (wired === text && text !== undefined) return logger.info(`${path} has AuthModule already.`);
  if (wired === undefined) {
    return logger.warn(`${path} has no @Module({ … }) to change. Write this into the imports of your root module:\n\n${MODULE.join('\n')}\n`); // prettier-ignore
  }
  tree.overwrite(path, wired);
}

/** The source of a module with AuthModule among its imports; undefined where there is no place for it. */
function withModule(text) {
  if (/\bAuthModule\b/.test(text)) return text;
  const decorator = /@Module\(\s*\{/.exec(text);
  if (!decorator) return undefined;
  const start = decorator.index + decorator[0].length;
  const imports = /^(\s*)imports\s*:\s*\[/m.exec(text.slice(start));
  const indented = (by) => MODULE.map((line) => `${by}${line}`).join('\n');
  const at = imports && start + imports.index + imports[0].length;
  const rest = imports && text.slice(at);
  const body = imports
    ? `${text.slice(0, at)}\n${indented('    ')}${/^\s*\]/.test(rest) ? `\n  ${rest.trimStart()}` : `${/^\s*\n/.test(rest) ? '' : '\n    '}${rest}`}`
    : `${text.slice(0, start)}\n  imports: [\n${indented('    ')}\n  ],${text.slice(start)}`;
  // Behind the last import, which other code may stand before.
  const last = [...body.matchAll(/^import\s[\s\S]*?from\s+['"][^'"]+['"];?[^\n]*\n/gm)].at(-1);
  const end = last ? last.index + last[0].length : 0;
  return body.slice(0, end) + IMPORT + body.slice(end);
}

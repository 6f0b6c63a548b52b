import { existsSync } from 'node:fs';

// Nest 12 is pure ESM, Jest runs CommonJS: swc turns both our TypeScript and the ESM packages below into CommonJS.
// Each new ESM-only dependency joins the list; what production loads (ESM) is smoke-tested from dist/ in plain Node.
const esmPackages =
  '@angular|ky|@nestjs|@noble|uid|file-type|load-esm|strtok3|token-types|uint8array-extras|@tokenizer|@borewit|es-toolkit|ioredis|dotenv|cookie|jose|@electric-sql|drizzle-orm|content-disposition|glob|minimatch|@isaacs|brace-expansion|balanced-match|minipass|path-scurry|lru-cache|set-cookie-parser|toad-cache';

const swc = (typescript) => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      keepClassNames: true,
      parser: typescript ? { syntax: 'typescript', decorators: true } : { syntax: 'ecmascript' },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  },
];

export default {
  testEnvironment: 'node',
  // Jest leaves one core to whoever watches; most tests here wait for servers, and two cores would do the work of one.
  maxWorkers: '100%',
  // A slow or busy machine is no fault: at a load of 20 a service takes a minute to start. What hangs is still found.
  testTimeout: 300_000,
  // Jest refuses a folder that is not there, and git keeps no empty ones.
  roots: ['src', 'test', 'examples'].filter((folder) => existsSync(folder)).map((folder) => `<rootDir>/${folder}`),
  // Applications of their own, with other versions of Nest: npm run test:hosts.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/test/browser/',
    '<rootDir>/test/hosts/',
    '<rootDir>/test/next/',
  ],
  modulePathIgnorePatterns: [
    '<rootDir>/test/hosts/',
    '<rootDir>/test/clients/',
    '<rootDir>/test/moving/libraries/',
    '<rootDir>/examples/web/',
    '<rootDir>/examples/next/',
  ],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  // What a file's tests leave running is stopped at its end, however they ended.
  setupFilesAfterEnv: ['<rootDir>/test/support/after-file.ts'],
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    // The examples import the library by its name, as a host does.
    '^keyturn$': '<rootDir>/src/index.ts',
    '^keyturn/client$': '<rootDir>/src/client/index.ts',
    '^keyturn/client/(\\w+)$': '<rootDir>/src/client/$1.ts',
    '^keyturn/testing$': '<rootDir>/src/testing/index.ts',
    '^keyturn/tick-shape$': '<rootDir>/src/auth.tick-shape.ts',
    '^keyturn/openapi$': '<rootDir>/src/openapi/index.ts',
    // Jest would take PGlite's CommonJS build, whose own import() cannot run inside Jest; the ESM build is transformed.
    '^@electric-sql/pglite$': '<rootDir>/node_modules/@electric-sql/pglite/dist/index.js',
  },
  transform: { '^.+\\.ts$': swc(true), '^.+\\.m?js$': swc(false) },
  transformIgnorePatterns: [`node_modules/(?!(${esmPackages})/)`],
};

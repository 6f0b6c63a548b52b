/** DI tokens. `Symbol.for`, since the ESM and the CommonJS copy of the library may both be loaded in one process. */
export const AUTH_OPTIONS = Symbol.for('keyturn:options');
/** The checked options, {@link AuthPolicy}. */
export const AUTH_POLICY = Symbol.for('keyturn:policy');
/** Which tokens there are, {@link SessionMode}; known before the options are. */
export const AUTH_STRATEGY = Symbol.for('keyturn:strategy');

/** What the forRootAsync() of a module takes from Nest, beside extras of its own. */
export const ASYNC_KEYS: readonly string[] = [
  'imports',
  'inject',
  'useFactory',
  'useClass',
  'useExisting',
  'provideInjectionTokensFrom',
];

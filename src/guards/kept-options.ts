/**
 * Nest puts the options of a `PassportModule.register()` of the host into every guard of Passport that it makes in that
 * module, and a `defaultStrategy` among them would verify in place of ours.
 */
export function keepOptions(guard: object): void {
  const { options } = guard as { options: unknown };
  Object.defineProperty(guard, 'options', { get: () => options, set: () => {} });
}

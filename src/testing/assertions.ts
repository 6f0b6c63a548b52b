import assert from 'node:assert/strict';

/** What the contracts compare by. Of Node and of no test runner, so that hosts may use the one that they have. */
export const ok: (value: unknown, message?: string) => asserts value = assert.ok;

/** That a promise is rejected with a message like this. */
export const rejects = (promise: Promise<unknown>, message: RegExp): Promise<void> => assert.rejects(promise, message);

/** That two values are the same in all their members. One that is undefined counts as absent. */
export const same = <T>(actual: T, expected: NoInfer<T>): void =>
  assert.deepStrictEqual(present(actual), present(expected));

/** That a value has the expected members, whatever else it has. Of a list: as many elements, each with its members. */
export const holds = (actual: unknown, expected: unknown): void =>
  assert.deepStrictEqual(present(pick(actual, expected)), present(expected));

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function present(value: unknown): unknown {
  // A list of this realm: test runners have several, and those of another are not the same to `assert`.
  if (Array.isArray(value)) return Array.from(value, present);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, present(member)]));
}

function pick(actual: unknown, expected: unknown): unknown {
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.map((element, index) => pick(element, expected[index]));
  }
  if (!isObject(actual) || !isObject(expected) || Array.isArray(actual)) return actual;
  return Object.fromEntries(Object.keys(expected).map((key) => [key, pick(actual[key], expected[key])]));
}

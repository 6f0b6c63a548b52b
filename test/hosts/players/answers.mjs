/**
 * What came of one question: who was greeted, or the code of the refusal; also a header that challenges, and a renewed
 * token.
 * @typedef {{ ok: boolean, sub?: string, code?: string, challenge?: string | null, renewed?: string | null }} Answer
 */

const PATIENCE = 10_000;

/** A promise, or an error that names what did not come. */
export function within(promise, what, milliseconds = PATIENCE) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${milliseconds} ms`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** @throws Error that says what came instead */
export function expectEqual(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, and it is ${JSON.stringify(actual)}`);
}

/** Asks again until the answer has this code: another instance learns of a revocation in its own time. */
export async function untilRefused(ask, code) {
  const end = performance.now() + PATIENCE;
  for (;;) {
    const answer = await ask();
    if (answer.code === code) return;
    if (performance.now() > end) throw new Error(`expected ${code}, and it is ${JSON.stringify(answer)}`);
  }
}

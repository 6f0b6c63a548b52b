/** Milliseconds. A run with a fault put in sets a shorter one, since there tests wait for what never comes. */
const WITHIN = Number(process.env.EVENTUALLY_WITHIN_TEST ?? 60_000);

/** Waits for what other processes do in their own time. */
export async function eventually(check: () => boolean | Promise<boolean>, within = WITHIN): Promise<void> {
  const until = performance.now() + within;
  while (!(await check())) {
    // An assertion and no error: what never comes is what the test is about.
    if (performance.now() > until) expect(`within ${within} ms: ${check.toString()}`).toBe('true in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

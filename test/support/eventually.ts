/** Waits for what other processes do in their own time. */
export async function eventually(check: () => boolean | Promise<boolean>, within = 10_000): Promise<void> {
  const until = performance.now() + within;
  while (!(await check())) {
    if (performance.now() > until) throw new Error(`not within ${within} ms: ${check.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

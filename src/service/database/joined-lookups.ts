/**
 * Joins the look-ups of one turn of the event loop into one query, and equal ones into one look-up. Under load many
 * refreshes arrive in a turn, and each asks for its user. Nothing is kept: a query begins after each of its look-ups was
 * asked for, so nobody gets what was true before.
 *
 * @param find rows by their keys; a key that is not in the answer has none
 * @example
 * ```ts
 * const userOf = joinedLookups(async (ids) => new Map((await select(ids)).map((user) => [user.id, user])));
 * const [ada, bob] = await Promise.all([userOf('1'), userOf('2')]); // one query
 * ```
 */
export function joinedLookups<Row>(
  find: (keys: readonly string[]) => Promise<ReadonlyMap<string, Row>>,
): (key: string) => Promise<Row | null> {
  let open: { readonly keys: Set<string>; readonly rows: Promise<ReadonlyMap<string, Row>> } | undefined;

  const begin = () => {
    const keys = new Set<string>();
    const turnEnds = new Promise((resolve) => setImmediate(resolve));
    const rows = turnEnds.then(() => {
      open = undefined;
      return find([...keys]);
    });
    return { keys, rows };
  };

  return async (key) => {
    open ??= begin();
    open.keys.add(key);
    return (await open.rows).get(key) ?? null;
  };
}

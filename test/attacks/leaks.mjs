const MIN_LENGTH = 12;

/** Every token and password of the run, looked for wherever it must not be. */
export async function leaks(target, chance) {
  const { tokens, email } = await target.account();
  // What is refused is told to logs as well, so it is tried here whatever ran before.
  await target.call('/auth/login', {
    body: { email, password: `wrong ${chance.text()}${chance.text()}`, client_id: 'app' },
  });
  await target.call('/auth/refresh', { body: { refresh_token: `${tokens.refresh_token}x` } });
  await target.call('/auth/refresh', { body: { refresh_token: tokens.refresh_token } });
  await target.call('/auth/logout', { headers: { authorization: `Bearer ${tokens.access_token}` } });
  // A mail that was tried and waits in the outbox; its ticket is known from the attempt.
  target.mails.areRefused = true;
  const { received } = target.mails;
  await target.call('/auth/password-reset/request', { body: { email } });
  await target.until('a mail is tried', async () => target.mails.received > received);
  await target.until(
    'it waits',
    async () => (await target.ask('select fault from outbox where fault is not null')).length > 0,
  );
  const places = [
    { name: 'the log', bytes: Buffer.from(target.logs()) },
    { name: 'the metrics', bytes: Buffer.from((await target.call('/metrics', { method: 'GET' })).text) },
    ...(await target.written()),
  ];
  const secrets = [...target.secrets].filter((secret) => secret.length >= MIN_LENGTH);
  const faults = places.flatMap(({ name, bytes }) =>
    secrets.filter((secret) => bytes.includes(secret)).map((secret) => `${name} has ${secret.slice(0, 8)}…`),
  );
  target.mails.areRefused = false;
  for (const whose of ["Redis's", "PostgreSQL's"]) {
    if (!places.some(({ name }) => name.startsWith(whose))) faults.push(`no file of ${whose.slice(0, -2)} to look at`);
  }
  if (!places.some(({ bytes }) => bytes.includes(email)))
    faults.push('no place has the address of the account: is it the database?');
  if (places.length < 4)
    faults.push(`only ${places.length} places to look at: ${places.map(({ name }) => name).join(', ')}`);
  if (!places[0].bytes.includes('login.failed')) faults.push('the log has no line of a failed login: is it the log?');
  return { count: secrets.length * places.length, faults };
}

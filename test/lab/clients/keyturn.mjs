// A client that leaves the session to keyturn/client. The tokens are kept in a file, as a program without a browser would.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createHmac, randomBytes } from 'node:crypto';
import { createSession } from 'keyturn/client';
import { work } from './work.mjs';

const { LAB_URL, LAB_EMAIL: email, LAB_PASSWORD: password, LAB_STORE } = process.env;
const file = `${LAB_STORE}/session.json`;
const read = () => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
};
const write = (kept) => {
  writeFileSync(`${file}.new`, JSON.stringify(kept), { mode: 0o600 });
  renameSync(`${file}.new`, file);
};
const storage = {
  update: async (name, change) => {
    const kept = read();
    const next = change(kept[name]);
    if (next !== kept[name]) write({ ...kept, [name]: next });
    return next;
  },
};
const secret = read().secret ?? randomBytes(32).toString('base64url');
write({ ...read(), secret });
const deviceSecret = (text) => createHmac('sha256', secret).update(text).digest('base64url');

const session = createSession({ url: `${LAB_URL}/auth`, storage, deviceSecret });
let reason = null;
session.on('ended', ({ code }) => (reason = code));

// Looks into the storage first: the program may have been started again.
if ((await session.accessToken().catch(() => undefined)) === undefined && session.state !== 'offline')
  await session.login({ email, password });

const send = async (url, init) => (await session.fetch(url, init)).json();
await work({
  get: (url) => send(url),
  post: (url, body) =>
    send(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  logout: () => session.logout(),
  state: () => ({ session: session.state === 'out' ? 'out' : 'in', reason }),
});

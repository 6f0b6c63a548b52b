import { createSession, type Session } from 'keyturn/client';

export interface CartItem {
  readonly product: string;
  readonly quantity: number;
}

/** The shop as one session sees it: what its server can do, and how its users sign in. */
export interface Shop {
  readonly session: Session;
  signIn(email: string, password: string): Promise<void>;
  /** Gives the password once more, for what the checkout waits for. */
  confirm(password: string): Promise<void>;
  cart(): Promise<readonly CartItem[]>;
  add(product: string): Promise<readonly CartItem[]>;
  pay(): Promise<number>;
  draft(product: string): Promise<string>;
  write(product: string, text: string): Promise<void>;
}

/** What the server says of a request that it refuses. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

async function json<Answer>(answer: Response): Promise<Answer> {
  const body = (await answer.json()) as { message?: string; code?: string };
  if (!answer.ok) throw new Refused(body.message ?? answer.statusText, body.code);
  return body as Answer;
}

/** @param transport as the client of this name has it on the server: `app` by body, `web` by cookie */
export function openShop(transport: 'body' | 'cookie'): Shop {
  const clientId = transport === 'cookie' ? 'web' : 'app';
  const url = new URL('/auth', location.href).href;
  const session = createSession({ url, clientId, transport });

  const post = (path: string, body: object, method = 'POST'): Promise<Response> =>
    session.fetch(path, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const itemsOf = async (answer: Response) => (await json<{ items: CartItem[] }>(answer)).items;

  return {
    session,
    // The shop has a login of its own: its answer is handed to the session.
    async signIn(email, password) {
      const body = JSON.stringify({ email, password, client_id: clientId });
      const answer = await fetch('/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
      await session.adopt(await json(answer));
    },
    async confirm(password) {
      await session.adopt(await json(await post('/reauthenticate', { password })));
    },
    cart: async () => itemsOf(await session.fetch('/cart')),
    add: async (product) => itemsOf(await post('/cart/items', { product, quantity: 1 })),
    pay: async () => (await json<{ number: number }>(await post('/checkout', {}))).number,
    draft: async (product) => (await json<{ text: string }>(await session.fetch(`/drafts/${product}`))).text,
    write: async (product, text) => void (await json(await post(`/drafts/${product}`, { text }, 'PUT'))),
  };
}

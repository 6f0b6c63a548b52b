import type { StartedProcess } from '../../scripts/started-process.mjs';
import { FaultProxy } from '../../src/lab/fault-proxy.js';
import { eventually } from '../support/eventually.js';
import { startNext, startShop } from './processes.js';
import type { Tokens } from './visitor.js';

export const SECRETS = { first: 'a secret of the test, 32 characters long' };

/** The example, and its shop behind a proxy that spoils what it is told to. */
export interface World {
  readonly shop: StartedProcess;
  readonly proxy: FaultProxy;
  next: StartedProcess;
}

export async function startWorld(): Promise<World> {
  const shop = await startShop();
  const proxy = await new FaultProxy(shop.url).start();
  return { shop, proxy, next: await startNext(proxy.url, SECRETS) };
}

/** What is asked of a world, and what its proxy has seen. */
export function watch(world: () => World) {
  const refreshes = () => world().proxy.seen('/auth/refresh');
  /** Calls the shop directly. */
  const callShop = (path: string, body?: object, access?: string): Promise<Response> =>
    fetch(world().shop.url + path, {
      method: body ? 'POST' : 'GET',
      headers: {
        'content-type': 'application/json',
        ...(access !== undefined && { authorization: `Bearer ${access}` }),
      },
      body: body && JSON.stringify(body),
    });
  return {
    refreshes,
    callShop,
    /** The refresh tokens that refreshes were asked with. */
    presented: () => refreshes().map(({ body }) => (JSON.parse(body) as { refresh_token: string }).refresh_token),
    /** The refresh tokens that they were answered with. */
    successors: () => refreshes().map(({ answer }) => (JSON.parse(answer!) as { refresh_token: string }).refresh_token),
    /** Waits until the shop does not take the access token any more. */
    untilOver: ({ access }: Tokens): Promise<void> =>
      eventually(async () => (await callShop('/cart', undefined, access)).status === 401),
  };
}

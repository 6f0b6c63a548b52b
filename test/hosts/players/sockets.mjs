import { once } from 'node:events';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { expectEqual, within } from './answers.mjs';

/** Both libraries by the same words: `next()` gives an event, or the refusal with which the socket was closed. */
const LIBRARIES = {
  'socket.io': async ({ url }, token) => {
    const socket = io(url, { transports: ['websocket'], reconnection: false, forceNew: true, auth: { token } });
    const inbox = makeInbox();
    socket.onAny((event, data) => inbox.take(event, data));
    socket.on('disconnect', () => inbox.take('closed', inbox.last('exception')));
    await once(socket, 'connect');
    return {
      inbox,
      send: (event) => socket.emit(event, {}),
      give: (fresh) => socket.emit('auth', { access_token: fresh }),
      close: () => socket.close(),
    };
  },
  ws: async ({ url }, token) => {
    const socket = new WebSocket(url.replace('http', 'ws'));
    const inbox = makeInbox();
    socket.on('message', (text) => {
      const { event, data } = JSON.parse(text);
      inbox.take(event, data);
    });
    socket.on('close', (number, reason) => inbox.take('closed', { code: String(reason), number }));
    await once(socket, 'open');
    const give = (fresh) => socket.send(JSON.stringify({ type: 'auth', access_token: fresh }));
    if (token !== undefined) give(token);
    return {
      inbox,
      send: (event) => socket.send(JSON.stringify({ event, data: {} })),
      give,
      close: () => socket.terminate(),
    };
  },
};

function makeInbox() {
  const got = [];
  const waiting = [];
  return {
    take(event, data) {
      got.push([event, data]);
      const index = waiting.findIndex(({ names }) => names.includes(event));
      if (index >= 0) waiting.splice(index, 1)[0].resolve([event, data]);
    },
    last: (event) => got.findLast(([name]) => name === event)?.[1],
    /** The next event of one of these names, also one that has come already. */
    next(...names) {
      const known = got.find(([event]) => names.includes(event));
      if (known) return Promise.resolve(known);
      return within(new Promise((resolve) => waiting.push({ names, resolve })), names.join(' or '));
    },
  };
}

const player = (library) => ({
  async ask(app, what, token) {
    const socket = await LIBRARIES[library](app, token);
    socket.send(what);
    const [event, data] = await socket.inbox.next(what, 'exception', 'closed');
    socket.close();
    return { ok: event === what, sub: data?.sub, code: event === what ? undefined : data?.code };
  },

  async slides(app, session, _revoke, { fresh, other }) {
    const socket = await LIBRARIES[library](app, session.accessToken);
    socket.send('cart');
    expectEqual((await socket.inbox.next('cart', 'exception'))[0], 'cart', 'the first answer');
    socket.give(await other());
    expectEqual((await socket.inbox.next('exception'))[1].code, 'forbidden', 'the token of another session');
    socket.give(await fresh());
    const [, { expires_at: expiresAt }] = await socket.inbox.next('auth');
    if (!(expiresAt > session.expiresAt)) throw new Error(`it still ends at ${session.expiresAt}`);
    socket.close();
  },

  async endsWithSession(app, session, revoke) {
    const socket = await LIBRARIES[library](app, session.accessToken);
    socket.send('cart');
    expectEqual((await socket.inbox.next('cart', 'exception'))[1]?.sub, session.sub, 'the first answer');
    await revoke();
    const [, closed] = await socket.inbox.next('closed');
    expectEqual(closed?.code, 'session_revoked', 'why it was closed');
  },
});

export const socketIo = player('socket.io');
export const ws = player('ws');

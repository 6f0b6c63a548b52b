import type { IncomingMessage, Server, ServerResponse } from 'node:http';

/**
 * Cuts the connection in place of the next answer to a POST whose path fits; the request is served as ever.
 * @returns what calls it off
 */
export function loseNextAnswer(server: Server, fits: (path: string) => boolean): () => void {
  const stop = () => server.off('request', cut);
  const cut = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method !== 'POST' || !fits((request.url ?? '').split('?')[0]!)) return;
    stop();
    const drop = (): ServerResponse => {
      request.socket.destroy();
      return response;
    };
    Object.assign(response, { write: () => true, end: drop });
  };
  // Before the application's own listener, which may answer at once.
  server.prependListener('request', cut);
  return stop;
}

import type { ArgumentsHost } from '@nestjs/common';
import { graphqlContext, responseOf } from './request-context.js';
import { SocketLine } from './socket-line.js';

interface Closing {
  once?(event: 'close', listener: () => void): unknown;
}

/** Calls once when what a message came by is closed: its HTTP answer, its socket, the connection of a subscription. */
export function onConnectionClosed(host: ArgumentsHost, listener: () => void): void {
  if (host.getType<string>() === 'ws') return SocketLine.of(host.switchToWs().getClient<object>()).onClose(listener);
  const response = responseOf(host) as (Closing & { raw?: Closing }) | undefined;
  // Fastify's reply tells nothing itself.
  const closing = response ? (response.raw ?? response) : subscriptionSocket(host);
  closing?.once?.('close', listener);
}

function subscriptionSocket(host: ArgumentsHost): Closing | undefined {
  const { req, request } = graphqlContext(host);
  return req?.extra?.socket ?? (request as { socket?: Closing } | undefined)?.socket;
}

import { SubscribeMessage, WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import { CurrentUser, RequireRecentAuth, RequireRole, SocketSessions } from 'keyturn';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';

@WebSocketGateway()
export class ShopGateway implements OnGatewayConnection {
  constructor(private readonly sockets: SocketSessions) {}

  /** `ws` does not keep the request of the handshake, so it is passed on. */
  async handleConnection(client: WebSocket, request: IncomingMessage): Promise<void> {
    const session = await this.sockets.admit(this, client, request);
    if (session) client.send(JSON.stringify({ event: 'welcome', data: { sub: session.sub } }));
  }

  @SubscribeMessage('cart')
  cart(@CurrentUser('sub') sub: string): object {
    return { event: 'cart', data: { sub } };
  }

  @RequireRole('admin')
  @SubscribeMessage('admin')
  admin(): object {
    return { event: 'admin', data: { open: true } };
  }

  @RequireRecentAuth('5m')
  @SubscribeMessage('pay')
  pay(): object {
    return { event: 'pay', data: { paid: true } };
  }
}

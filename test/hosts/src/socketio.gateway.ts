import { SubscribeMessage, WebSocketGateway, type OnGatewayConnection } from '@nestjs/websockets';
import { UseGuards } from '@nestjs/common';
import { CurrentUser, JwtAuthGuard, RequireRecentAuth, RequireRole, SocketSessions } from 'keyturn';
import type { Socket } from 'socket.io';

/** Nest 12 brings the global guard to gateways, Nest 11 does not: with `@UseGuards()` it is the same on both. */
@UseGuards(JwtAuthGuard)
@WebSocketGateway()
export class ShopGateway implements OnGatewayConnection {
  constructor(private readonly sockets: SocketSessions) {}

  /** A socket without a good token is told why and closed; one that is let in is closed when its session ends. */
  async handleConnection(client: Socket): Promise<void> {
    const session = await this.sockets.admit(this, client);
    if (session) await client.join(session.sub);
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

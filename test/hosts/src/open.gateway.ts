import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';

/** Nothing guards it but a global guard. */
@WebSocketGateway({ namespace: 'news' })
export class OpenGateway {
  @SubscribeMessage('news')
  news(): object {
    return { event: 'news', data: { open: true } };
  }
}

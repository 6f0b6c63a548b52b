import { Controller, Get, Inject } from '@nestjs/common';
import type { ClientProxy } from '@nestjs/microservices';
import { CurrentToken, withAccessToken } from 'keyturn';
import type { Observable } from 'rxjs';

/** An HTTP application that asks another service in the name of its caller. */
@Controller('orders')
export class OrdersCaller {
  constructor(@Inject('ORDERS') private readonly orders: ClientProxy) {}

  @Get()
  list(@CurrentToken() token: string): Observable<object> {
    return this.orders.send('cart', withAccessToken({ page: 1 }, token));
  }
}

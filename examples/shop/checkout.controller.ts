import { ConflictException, Controller, Get, Post } from '@nestjs/common';
import { CurrentUser, RequireRecentAuth, RequireRole, type AuthUser } from 'keyturn';
import { CartService, type Cart } from './cart.service.js';

export interface Order extends Cart {
  readonly number: number;
  readonly customer: string;
}

/** Money moves here: who found an open page must know its password, however long it stayed logged in. */
@Controller('checkout')
export class CheckoutController {
  private readonly orders: Order[] = [];

  constructor(private readonly carts: CartService) {}

  @RequireRecentAuth('5m')
  @Post()
  pay(@CurrentUser() user: AuthUser): Order {
    const cart = this.carts.take(user.sub);
    if (cart.items.length === 0) throw new ConflictException('The cart is empty.');
    const order = { number: this.orders.length + 1, customer: user.name, ...cart };
    this.orders.push(order);
    return order;
  }

  @RequireRole('staff')
  @Get('orders')
  list(): readonly Order[] {
    return this.orders;
  }
}

import { ConflictException, Controller, Post } from '@nestjs/common';
import { CurrentUser, type AuthUser } from 'keyturn';
import { CartService, type Cart } from './cart.service.js';

export interface Order extends Cart {
  readonly number: number;
  readonly customer: string;
}

@Controller('checkout')
export class CheckoutController {
  private lastNumber = 0;

  constructor(private readonly carts: CartService) {}

  @Post()
  pay(@CurrentUser() user: AuthUser): Order {
    const cart = this.carts.take(user.sub);
    if (cart.items.length === 0) throw new ConflictException('The cart is empty.');
    return { number: ++this.lastNumber, customer: user.name, ...cart };
  }
}

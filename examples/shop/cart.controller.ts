import { Body, Controller, Delete, Get, Param, Post } from '@nestjs/common';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { CurrentUser, SlidingSession } from 'keyturn';
import { CartService, type Cart } from './cart.service.js';
import { PRODUCT_IDS } from './products.js';

export class CartItemBody {
  @IsIn(PRODUCT_IDS)
  readonly product!: string;

  @IsInt()
  @Min(1)
  @Max(99)
  readonly quantity!: number;
}

/** A user who changes the cart is at work, and stays logged in; a page that only shows it may be open for days. */
@Controller('cart')
export class CartController {
  constructor(private readonly carts: CartService) {}

  @Get()
  view(@CurrentUser('sub') sub: string): Cart {
    return this.carts.of(sub);
  }

  @SlidingSession()
  @Post('items')
  add(@CurrentUser('sub') sub: string, @Body() { product, quantity }: CartItemBody): Cart {
    return this.carts.add(sub, product, quantity);
  }

  @SlidingSession()
  @Delete('items/:product')
  remove(@CurrentUser('sub') sub: string, @Param('product') product: string): Cart {
    return this.carts.remove(sub, product);
  }
}

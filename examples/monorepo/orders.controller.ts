import { Body, Controller, Get, Post } from '@nestjs/common';
import { IsString, MaxLength } from 'class-validator';
import { CurrentUser, Public, SlidingSession } from 'keyturn';

export class OrderBody {
  @IsString()
  @MaxLength(100)
  readonly product!: string;
}

/** What the auth service knows nothing of. */
@Controller('orders')
export class OrdersController {
  private readonly orders = new Map<string, string[]>();

  @Public()
  @Get('terms')
  terms(): { readonly terms: string } {
    return { terms: 'Paid when it is there.' };
  }

  @Get()
  list(@CurrentUser('sub') sub: string): { readonly products: readonly string[] } {
    return { products: this.orders.get(sub) ?? [] };
  }

  /** A user who orders is at work: when a renewal is due, the auth service makes the token and this answer carries it. */
  @SlidingSession()
  @Post()
  place(@CurrentUser('sub') sub: string, @Body() { product }: OrderBody): { readonly products: readonly string[] } {
    this.orders.set(sub, [...(this.orders.get(sub) ?? []), product]);
    return this.list(sub);
  }
}

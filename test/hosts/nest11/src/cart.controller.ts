import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import { CurrentUser, JwtAuthGuard, SlidingSession, type AuthUser } from 'keyturn';

@Controller('cart')
@UseGuards(JwtAuthGuard)
export class CartController {
  @Get()
  view(@CurrentUser('sub') sub: string): { cartOf: string } {
    return { cartOf: sub };
  }

  @SlidingSession()
  @Post('items')
  add(@CurrentUser() user: AuthUser): { addedFor: string } {
    return { addedFor: user.sub };
  }
}

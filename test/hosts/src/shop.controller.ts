import { Controller, Get, Post } from '@nestjs/common';
import { CurrentUser, RequireRecentAuth, RequireRole, SlidingSession } from 'keyturn';

@Controller()
export class ShopController {
  @Get('cart')
  cart(@CurrentUser('sub') sub: string): object {
    return { sub };
  }

  @RequireRole('admin')
  @Get('admin')
  admin(): object {
    return { open: true };
  }

  @RequireRecentAuth('5m')
  @Post('pay')
  pay(): object {
    return { paid: true };
  }

  @SlidingSession()
  @Post('items')
  add(): object {
    return { added: true };
  }
}

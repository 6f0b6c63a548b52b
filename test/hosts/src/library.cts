import { Controller, Get, Module, Post, UseGuards } from '@nestjs/common';
import { CurrentUser, JwtAuthGuard, RequireRecentAuth, RequireRole, SlidingSession } from 'keyturn';

// As keyturn.ts does for its own copy.
if (process.env.GUARD === 'off') JwtAuthGuard.prototype.canActivate = () => true;

/** A library in CommonJS: it loads the CommonJS copy of Keyturn, and the application that imports it the other one. */
@UseGuards(JwtAuthGuard)
@Controller()
class LibraryController {
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

@Module({ controllers: [LibraryController] })
export class LibraryModule {}

import { Controller, Get, Post, UseGuards } from '@nestjs/common';
import {
  CurrentUser,
  JwtAuthGuard,
  OptionalAuth,
  Public,
  RequireLiveSession,
  RequireRecentAuth,
  RequireRole,
  RequireScope,
  type AuthUser,
} from '../../src/index.js';

/** Routes that demand more than a good token; nothing here asks for the guard by itself. */
@Controller('orders')
export class OrdersController {
  @RequireRecentAuth('5m')
  @Post('pay')
  pay(@CurrentUser() user: AuthUser) {
    return { paidBy: user.sub };
  }

  @RequireRole('admin')
  @Get('all')
  all() {
    return 'all orders';
  }

  @RequireRole('admin', 'staff')
  @Get('open')
  open() {
    return 'open orders';
  }

  @RequireScope('cart:write')
  @Post('cart')
  cart() {
    return 'written';
  }

  @RequireScope('cart:read', 'cart:write')
  @Get('cart')
  both() {
    return 'read and written';
  }

  @RequireRole('admin')
  @RequireScope('orders:delete')
  @RequireRecentAuth('5m')
  @Post('delete')
  everything() {
    return 'deleted';
  }
}

@RequireRole('admin')
@RequireRecentAuth('5m')
@Controller('admin')
export class AdminController {
  @Get()
  view() {
    return 'for administrators';
  }

  @RequireRole('auditor')
  @Get('audit')
  audit() {
    return 'for auditors';
  }

  @RequireRecentAuth('1h')
  @Get('report')
  report() {
    return 'for administrators of this hour';
  }

  @Public()
  @Get('health')
  health() {
    return 'up';
  }

  @OptionalAuth()
  @Get('optional')
  optional() {
    return 'not so optional';
  }
}

@Public()
@Controller('mistakes')
export class MistakesController {
  @RequireRole('admin')
  @Get('class')
  inPublicClass() {
    return 'secret';
  }

  @Public()
  @RequireRecentAuth('5m')
  @Get('method')
  onPublicMethod() {
    return 'secret';
  }

  @OptionalAuth()
  @RequireScope('cart:write')
  @Get('optional')
  onOptionalMethod() {
    return 'secret';
  }

  @RequireLiveSession()
  @Get('live')
  liveInPublicClass() {
    return 'for who has a session';
  }

  @OptionalAuth()
  @RequireLiveSession()
  @Get('optional-live')
  liveOnOptionalMethod() {
    return 'for who has a session';
  }
}

@RequireLiveSession()
@Controller('payouts')
export class PayoutsController {
  @Get()
  list() {
    return 'paid';
  }

  @RequireRole('admin')
  @Get('all')
  all() {
    return 'all that was paid';
  }

  @Public()
  @Get('health')
  health() {
    return 'up';
  }
}

/** The guard stands above the demand, and so comes after it. */
@Controller('twice')
export class TwiceController {
  @UseGuards(JwtAuthGuard)
  @RequireRecentAuth('5m')
  @Get('before')
  before() {
    return 'in';
  }

  @RequireRecentAuth('5m')
  @UseGuards(JwtAuthGuard)
  @Get('after')
  after() {
    return 'in';
  }
}

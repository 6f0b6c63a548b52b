import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { CurrentSession, CurrentUser, RequireRecentAuth, RequireRole, type AuthSession } from 'keyturn';
import { fromEvent, interval, takeUntil, type Observable } from 'rxjs';

/** The caller sends `withAccessToken(payload, token)`; the guard takes the token out of the payload again. */
@Controller()
export class OrdersController {
  @MessagePattern('cart')
  cart(@Payload() payload: object, @CurrentUser('sub') sub: string): object {
    return { sub, payload };
  }

  @RequireRole('admin')
  @MessagePattern('admin')
  admin(): object {
    return { open: true };
  }

  @RequireRecentAuth('5m')
  @MessagePattern('pay')
  pay(): object {
    return { paid: true };
  }

  /** An answer in many parts ends by the signal of the session. */
  @MessagePattern('prices')
  prices(@CurrentSession() session: AuthSession): Observable<number> {
    return interval(50).pipe(takeUntil(fromEvent(session.signal, 'abort')));
  }
}

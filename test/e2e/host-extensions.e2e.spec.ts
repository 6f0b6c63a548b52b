import { Controller, Get, Inject, Logger, Module, Post, Req } from '@nestjs/common';
import {
  AuthError,
  AuthEvents,
  AuthModule,
  InMemoryTokenRepositoryModule,
  Public,
  requestInfoOf,
  SessionService,
  type AuthEvent,
  type ErrorTable,
  type IncomingRequest,
} from '../../src/index.js';
import { ADAPTERS, startApp, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

const ORDER_ERRORS = {
  order_closed: { status: 409, meaning: 'The order is closed.', client: 'Make a new order.' },
} as const satisfies ErrorTable;
type OrderErrors = typeof ORDER_ERRORS;

declare module '../../src/index.js' {
  interface HostErrorCodes extends OrderErrors {
    // Declared, and given no meaning below: what a host forgets at run time.
    readonly order_lost: unknown;
  }
  interface HostEvents {
    'order.paid': { readonly sub: string; readonly orderId: string; readonly card: string };
  }
}

@Public()
@Controller('orders')
class OrdersController {
  constructor(
    @Inject(AuthEvents) private readonly events: AuthEvents,
    @Inject(SessionService) private readonly sessions: SessionService,
  ) {}

  @Post('pay')
  async pay(@Req() request: IncomingRequest) {
    const info = requestInfoOf(request);
    this.events.emit({ type: 'order.paid', sub: 'ann', orderId: 'o-1', card: '4111-1111' }, info);
    await this.sessions.open({ sub: 'ann', ...info });
    return this.sessions.list('ann');
  }

  @Get('closed')
  closed() {
    throw new AuthError('order_closed', 'This order is closed.');
  }

  @Get('lost')
  lost() {
    throw new AuthError('order_lost', 'This order is lost.');
  }
}

@Module({
  imports: [
    AuthModule.forRoot({
      issuer: ISSUER,
      keys,
      store: InMemoryTokenRepositoryModule.forRoot(),
      errorCodes: ORDER_ERRORS,
      auditFields: { orderId: 'order_id' },
      keepAddress: (address) => `${address.split('.')[0]}.0.0.0`,
    }),
  ],
  controllers: [OrdersController],
})
class ShopModule {}

describe.each(ADAPTERS)("a host's own events, error codes and addresses on %s", (adapter) => {
  let shop: RunningApp;
  const lines: unknown[] = [];
  const errors: unknown[] = [];
  const heard: AuthEvent[] = [];

  beforeAll(async () => {
    const { AuthExceptionFilter } = await import('../../src/index.js');
    shop = await startApp(
      adapter,
      { imports: [ShopModule] },
      { configure: (app) => app.useGlobalFilters(app.get(AuthExceptionFilter, { strict: false })) },
    );
    shop.app.get(AuthEvents, { strict: false }).listen((event) => heard.push(event));
    const ignore = () => undefined;
    Logger.overrideLogger({
      log: (line: unknown) => lines.push(line),
      error: (line: unknown) => errors.push(line),
      warn: ignore,
      debug: ignore,
    });
  });
  afterAll(async () => {
    Logger.overrideLogger(false);
    await shop.close();
  });

  it('reach listeners and the audit log, there with the fields that the host has named alone', async () => {
    const kept = (await shop.ask('POST /orders/pay')).json<{ device: { ip: string } }[]>();

    const paid = heard.find((event) => event.type === 'order.paid');
    expect(paid).toMatchObject({ orderId: 'o-1', card: '4111-1111', ip: '127.0.0.0' });
    expect(lines).toContainEqual(expect.objectContaining({ event: 'order.paid', order_id: 'o-1', ip: '127.0.0.0' }));
    expect(JSON.stringify(lines)).not.toContain('4111-1111');
    expect(kept[0]!.device.ip).toBe('127.0.0.0');
  });

  it('are answered in the shape of all errors, with the status of their row', async () => {
    const answer = await shop.ask('GET /orders/closed');
    expect(answer.status).toBe(409);
    expect(answer.json()).toEqual({
      statusCode: 409,
      error: 'Conflict',
      code: 'order_closed',
      message: 'This order is closed.',
    });
  });

  it('are a 500 that the log explains where the row was forgotten, never a 401 that logs people out', async () => {
    expect((await shop.ask('GET /orders/lost')).status).toBe(500);
    expect(errors).toEqual([expect.stringMatching(/'order_lost' has no meaning.*errorCodes/)]);
  });
});

import { Controller, Logger, UseGuards, type Type } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { JwtAuthGuard, Public } from '../../src/index.js';
import { TestClock } from '../../src/testing/index.js';
import { startApp } from '../support/adapters.js';
import { shopMetadata } from '../support/shop-host.js';

@Controller()
class OpenHandlers {
  @MessagePattern('orders')
  orders() {}

  @Public()
  @MessagePattern('products')
  products() {}
}
@UseGuards(JwtAuthGuard)
@Controller()
class GuardedHandlers {
  @MessagePattern('orders')
  orders() {}
}

describe('handlers that a global guard may not reach', () => {
  const warnings = async (guard: 'global' | 'manual', controllers: Type[]) => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    try {
      const { close } = await startApp('express', shopMetadata(new TestClock(), controllers, { guard }));
      await close();
      return warn.mock.calls.map(([text]) => String(text)).filter((text) => text.includes('message handlers'));
    } finally {
      warn.mockRestore();
    }
  };

  it('are named at the start of a hybrid application, but for those that are meant to be open', async () => {
    const [text, ...more] = await warnings('global', [OpenHandlers]);
    expect(more).toEqual([]);
    expect(text).toMatch(/inheritAppConfig: true/);
    expect(text).toMatch(/OpenHandlers\.orders$/);
  });

  it('are not spoken of where a guard stands on the class, nor where no guard is global', async () => {
    expect(await warnings('global', [GuardedHandlers])).toEqual([]);
    expect(await warnings('manual', [OpenHandlers])).toEqual([]);
  });
});

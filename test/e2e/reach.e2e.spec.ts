import { Controller, Injectable, Logger, Module, SetMetadata, UseGuards, type Type } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { Guarded, JwtAuthGuard, Public, RequireRole } from '../../src/index.js';
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

/** As `@ResolveReference()` and `GraphQLModule` leave them. */
const ResolveReference = () => SetMetadata('graphql:resolve_reference', true);
const graphql = (fieldResolverEnhancers?: string[]) => {
  @Module({ providers: [{ provide: 'GqlModuleOptions', useValue: { fieldResolverEnhancers } }] })
  class GraphQL {}
  return GraphQL;
};

@Injectable()
class Users {
  @ResolveReference()
  resolveReference() {}
}
@Public()
@Injectable()
class OpenUsers {
  @ResolveReference()
  resolveReference() {}
}
@UseGuards(JwtAuthGuard)
@Injectable()
class GuardedUsers {
  @ResolveReference()
  resolveReference() {}
}
@Guarded()
@Injectable()
class MarkedUsers {
  @ResolveReference()
  resolveReference() {}
}
@Injectable()
class Admins {
  @RequireRole('admin')
  @ResolveReference()
  resolveReference() {}
}

describe('the resolver of a reference of a federation, which anybody asks by `_entities`', () => {
  const start = async (guard: 'global' | 'manual', resolver: Type, enhancers?: string[]) => {
    const { imports = [] } = shopMetadata(new TestClock(), [], { guard });
    const metadata = { imports: [...imports, graphql(enhancers)], providers: [resolver] };
    const { close } = await startApp('express', metadata);
    await close();
  };

  it.each<['global' | 'manual', Type]>([
    ['global', Users],
    ['global', GuardedUsers],
    ['manual', GuardedUsers],
    ['manual', MarkedUsers],
    ['manual', Admins],
  ])('is refused where a guard is meant that Nest does not run: guard %s, %p', async (guard, resolver) => {
    const refused = start(guard, resolver);
    await expect(refused).rejects.toThrow("write fieldResolverEnhancers: ['guards']");
    await expect(refused).rejects.toThrow(`${resolver.name}.resolveReference`);
  });

  it.each<['global' | 'manual', Type, string[] | undefined]>([
    ['global', Users, ['guards']],
    ['global', OpenUsers, undefined],
    ['manual', Users, undefined],
  ])('is left alone where Nest runs the guard, or none is meant: guard %s, %p', async (guard, resolver, enhancers) => {
    await start(guard, resolver, enhancers);
  });
});

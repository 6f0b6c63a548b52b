import { Controller, Get, Module } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { AuthModule, InMemoryTokenRepositoryModule, Public } from '../../src/index.js';
import { describeAuth } from '../../src/openapi/index.js';
import { ADAPTERS, startApp, type RunningApp } from '../support/adapters.js';
import { ISSUER, keys } from '../support/auth-library.js';

class Cart {
  @ApiProperty()
  items!: number;
}

@Public()
@Controller('cart')
class CartController {
  @Get()
  @ApiOkResponse({ type: Cart })
  read(): Cart {
    return { items: 0 };
  }
}

@Module({
  imports: [
    AuthModule.forRoot({
      issuer: ISSUER,
      keys,
      store: InMemoryTokenRepositoryModule.forRoot(),
      routes: { path: 'sso' },
    }),
  ],
  controllers: [CartController],
})
class ShopModule {}

describe.each(ADAPTERS)("a host's own OpenAPI document on %s", (adapter) => {
  let shop: RunningApp;
  let document: OpenAPIObject;
  beforeAll(async () => {
    shop = await startApp(adapter, { imports: [ShopModule] });
    const config = describeAuth(new DocumentBuilder().setTitle('Shop').addBasicAuth({ type: 'http' }, 'staff').build());
    document = SwaggerModule.createDocument(shop.app, config);
  });
  afterAll(() => shop.close());

  it('describes the session routes where the host has put them, beside its own', () => {
    expect(Object.keys(document.paths).toSorted()).toEqual([
      ...[
        '/.well-known/jwks.json',
        '/cart',
        '/sso/check',
        '/sso/logout',
        '/sso/logout-all',
        '/sso/refresh',
        '/sso/renew',
      ],
      '/sso/sessions',
      '/sso/sessions/ended',
      '/sso/sessions/{id}',
    ]);
    expect(document.paths['/sso/refresh']!.post).toMatchObject({
      operationId: 'refresh',
      parameters: [{ name: 'Idempotency-Key', in: 'header', required: false }],
      responses: { 200: {}, 400: {}, 401: {}, 403: {}, 503: {} },
    });
  });

  it('says of each error what a client does', () => {
    const refused = document.paths['/sso/refresh']!.post!.responses[401] as { description: string };
    expect(refused.description).toMatch(/`token_reused`: .*ended for safety\. .*let the user log in\./);
  });

  it('has the scheme of access tokens beside those of the host', () => {
    expect(Object.keys(document.components!.securitySchemes!).toSorted()).toEqual(['bearer', 'staff']);
    expect(document.paths['/sso/renew']!.post!.security).toEqual([{ bearer: [] }]);
    expect(document.paths['/sso/logout']!.post!.security).toBeUndefined();
  });

  it('is the same when it is made again, because a page may make it at each request', () => {
    const again = SwaggerModule.createDocument(shop.app, describeAuth(new DocumentBuilder().build()));
    expect(again.paths).toEqual(document.paths);
  });

  it('shows refresh with its body, and demands no Idempotency-Key, in a document that nobody has prepared', () => {
    const plain = SwaggerModule.createDocument(shop.app, new DocumentBuilder().addBearerAuth().build());
    const refresh = plain.paths['/sso/refresh']!.post!;
    expect(refresh.requestBody).toMatchObject({
      content: { 'application/json': { schema: { $ref: '#/components/schemas/RefreshToken' } } },
    });
    expect(refresh.parameters).toEqual([expect.objectContaining({ name: 'Idempotency-Key', required: false })]);
    expect(plain.components!.schemas!.TokenAnswer).toMatchObject({ properties: { access_token: { type: 'string' } } });
    const calls = Object.entries(plain.paths)
      .filter(([path]) => path.startsWith('/sso/'))
      .flatMap(([, item]) => Object.values(item));
    expect(calls.map(({ tags }: { tags: string[] }) => tags)).toEqual(calls.map(() => ['session']));
    expect(plain.paths['/sso/sessions']!.get!.security).toEqual([{ bearer: [] }]);
  });
});

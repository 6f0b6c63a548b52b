import { runInNewContext } from 'node:vm';
import { startService, type RunningService } from '../support/service.js';

interface Document {
  readonly servers: readonly { readonly url: string }[];
  readonly components: {
    readonly schemas: Readonly<Record<string, { properties: Readonly<Record<string, { example?: unknown }>> }>>;
  };
}

describe('the API page of a first look', () => {
  let service: RunningService;
  let document: Document;
  beforeAll(async () => {
    service = await startService();
    document = (await service.call('/docs.json')).body as Document;
  });
  afterAll(() => service.stop());

  /** What the page sends where nobody changes its example. */
  const example = (schema: string): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(document.components.schemas[schema]!.properties).map(([name, { example }]) => [name, example]),
    );

  it('is where / leads to, because that is what the start report invites to', async () => {
    const answer = await fetch(service.url, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/docs']);
    expect((await service.call('/')).body).toContain('swagger-ui');
  });

  it('sends the files of the page as they are, and none from anywhere else', async () => {
    const script = await fetch(`${service.url}/docs/swagger-ui-bundle.js`);
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'application/javascript; charset=utf-8']);
    expect(script.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect((await script.text()).length).toBeGreaterThan(1_000_000);
    for (const path of ['/docs/no-such-file.js', '/docs/..%2fpackage.json']) {
      const { status, body, headers } = await service.call(path);
      expect([status, body.code, headers.get('x-content-type-options')]).toEqual([404, 'not_found', 'nosniff']);
    }
  });

  it('calls the service that it came from, by whatever name that was opened', () => {
    expect(document.servers.map(({ url }) => url)).toEqual(['/']);
  });

  it('has examples that work as they stand: register, then log in', async () => {
    expect((await service.call('/auth/register', { body: example('Credentials') })).status).toBe(201);
    expect((await service.call('/auth/login', { body: example('Login') })).status).toBe(200);
  });

  it('takes the access token of a login for the other calls', async () => {
    const script = (await service.call('/docs/swagger-ui-init.js')).body as string;
    const login = (await service.call('/auth/login', { body: example('Login') })).body;
    const authorized: unknown[] = [];
    interface Options {
      responseInterceptor: (response: { obj?: unknown }) => unknown;
    }
    let options: Options | undefined;
    // The page's own script, in a browser reduced to what it uses.
    const page: Record<string, unknown> = { location: { search: '', origin: service.url } };
    page.window = page;
    page.SwaggerUIStandalonePreset = {};
    page.SwaggerUIBundle = Object.assign(
      (given: Options) => {
        options = given;
        return { preauthorizeApiKey: (...args: unknown[]) => authorized.push(args) };
      },
      { presets: {}, plugins: {} },
    );
    runInNewContext(`${script}; window.onload();`, page);
    for (const obj of [undefined, { keys: [] }, login]) options!.responseInterceptor({ obj });

    expect(authorized).toEqual([['bearer', login.access_token]]);
  });
});

it('is not there where DOCS is off, and neither is /', async () => {
  const service = await startService({ DOCS: 'off' });
  for (const path of ['/', '/docs', '/docs.json']) expect((await service.call(path)).status).toBe(404);
  await service.stop();
});

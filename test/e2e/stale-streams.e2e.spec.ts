import { Controller, Sse, type INestApplication, type MessageEvent } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { NEVER, startWith, type Observable } from 'rxjs';
import { AuthModule, generateKeys, InMemoryTokenRepositoryModule, WhenStale } from '../../src/index.js';
import { SessionService } from '../../src/sessions/session.service.js';
import { KeyturnTestingModule, signedIn } from '../../src/testing/index.js';

const opened = (): Observable<MessageEvent> => NEVER.pipe(startWith({ data: 'open' }));

@Controller()
class StreamsController {
  @Sse('accepting')
  accepting() {
    return opened();
  }

  @WhenStale('reject')
  @Sse('rejecting')
  rejecting() {
    return opened();
  }

  @WhenStale('check')
  @Sse('checking')
  checking() {
    return opened();
  }
}

describe('streams that are open while revocations may have been missed', () => {
  let app: INestApplication;
  let keyturn: KeyturnTestingModule;
  let url: string;
  beforeEach(async () => {
    const auth = AuthModule.forRoot({
      issuer: 'https://auth.shop.example',
      keys: generateKeys(),
      store: InMemoryTokenRepositoryModule.forRoot(),
      guard: 'global',
    });
    const builder = Test.createTestingModule({ imports: [auth], controllers: [StreamsController] });
    keyturn = KeyturnTestingModule.replaceStore(builder);
    app = (await builder.compile()).createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterEach(() => app.close());

  /** A stream that has sent its first event; `rest` is all that comes after it, until it ends. */
  async function open(route: string, headers: Record<string, string>) {
    const answer = await fetch(`${url}/${route}`, { headers });
    const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
    let first = '';
    while (answer.ok && !first.includes('data: open')) first += (await reader.read()).value ?? '';
    const rest = (async () => {
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return text;
        text += value;
      }
    })();
    return { status: answer.status, rest };
  }

  it('end where their route does not accept it, and go on where it does', async () => {
    const { headers, sub, sid } = await signedIn(app, { sub: 'ada' });
    const [accepting, rejecting, checking] = await Promise.all(
      ['accepting', 'rejecting', 'checking'].map((route) => open(route, headers)),
    );
    const resume = keyturn.pauseFeed();
    keyturn.advance('11s');
    for (const { rest } of [rejecting!, checking!]) expect(await rest).toContain('"code":"temporarily_unavailable"');

    expect((await open('rejecting', headers)).status).toBe(503);
    const again = await open('checking', headers);
    expect(again.status).toBe(200);
    await app.get(SessionService).revoke(sub, sid);
    expect((await open('checking', headers)).status).toBe(401);
    resume();
    for (const { rest } of [accepting!, again]) expect(await rest).toContain('"code":"session_revoked"');
  });

  it('go on when the knowledge is fresh again before it was too old', async () => {
    const { headers, sub, sid } = await signedIn(app, { sub: 'bob' });
    const rejecting = await open('rejecting', headers);
    const resume = keyturn.pauseFeed();
    keyturn.advance('9s');
    resume();
    await app.get(SessionService).revoke(sub, sid);
    expect(await rejecting.rest).toContain('"code":"session_revoked"');
  });

  it('end when the claims of their token have changed, on every route: connected again they have the new ones', async () => {
    const { headers } = await signedIn(app, { sub: 'cleo', roles: ['admin'] });
    const accepting = await open('accepting', headers);
    await app.get(SessionService).claimsChanged('cleo', { claims: { roles: [] } });
    expect(await accepting.rest).toContain('"code":"token_expired"');
  });
});

import type { Exchange, WorldPolicy } from '../world.types.js';
import { answerOf, codeOf, kindOf } from './answers.js';
import { seqOf } from './decoded.js';
import type { Moment } from './stage.js';
import type { Step } from './step.js';
import { sentenceOf } from './words.js';

const VARIABLES: Readonly<Record<string, string>> = {
  'tab-a': 'tabA',
  'tab-b': 'tabB',
  phone: 'phone',
  thief: 'thief',
};

/** What the text is made from. */
export interface PlayedStory {
  readonly title: string;
  readonly moments: readonly Moment[];
  /** Options that differ from the defaults. */
  readonly policy: Partial<WorldPolicy>;
}

/**
 * What was played, as a test of a Nest application with `keyturn/testing`. It expects what the service answered. Pure.
 */
export function testOf({ title, moments, policy }: PlayedStory): string {
  const body = moments.flatMap((moment) => [
    '',
    `  // ${sentenceOf(moment.step)}`,
    ...linesOf(moment).map((line) => `  ${line}`),
  ]);
  const names = Object.values(VARIABLES).filter((name) => body.some((line) => line.startsWith(`  ${name} = `)));
  const options = Object.entries(policy).map(([name, value]) => `      ${name}: '${value}',\n`);
  const services = body.some((line) => line.includes('SessionService')) ? ', SessionService' : '';
  return `${HEAD.replace('/* policy */', options.join('')).replace('/* services */', services)}
it(${JSON.stringify(title)}, async () => {
${names.map((name) => `  let ${name}: Device;`).join('\n')}
${body.join('\n')}
});
`;
}

function linesOf({ step, exchanges, isEmpty }: Moment): string[] {
  switch (step.do) {
    case 'wait':
      return [`keyturn.advance('${step.for}');`];
    case 'join':
      if (isEmpty) return [];
      return [`${VARIABLES[step.who]} = { ...${VARIABLES[step.of]}, secret: randomUUID() };`];
    case 'steal':
      if (isEmpty) return [];
      return [
        `thief = { ...${VARIABLES[step.of]}, secret: undefined, refreshToken: keyturn.stealToken(${VARIABLES[step.of]}.sid) };`,
      ];
    default:
      return exchanges.flatMap((exchange) => linesOfExchange(exchange, step));
  }
}

function linesOfExchange(exchange: Exchange, step: Step): string[] {
  const name = VARIABLES[exchange.actor]!;
  const code = codeOf(exchange);
  const told = `{ status: ${exchange.status}${code === undefined ? '' : `, code: '${code}'`} }`;
  const expecting = (call: string, expected = told): string[] => [`expect(await ${call}).toMatchObject(${expected});`];
  switch (kindOf(exchange)) {
    case 'login':
      return exchange.status < 400 ? [`${name} = await signIn();`] : expecting(`signIn()`);
    case 'refresh': {
      const seq = seqOf(answerOf(exchange).refresh_token);
      if (exchange.isLost) {
        return ['keyturn.loseNextRefreshAnswer();', `await expect(refresh(${name})).rejects.toThrow();`];
      }
      return expecting(`refresh(${name})`, seq === undefined ? told : `{ status: ${exchange.status}, seq: ${seq} }`);
    }
    case 'password':
      return ["await app.get(SessionService, { strict: false }).revokeAll('ada');", `${name} = await signIn();`];
    case 'end': {
      const path = 'of' in step ? `/auth/sessions/\${${VARIABLES[step.of]}.sid}` : '/auth/sessions';
      return expecting(`ask(${name}, 'DELETE', \`${path}\`)`);
    }
    case 'logout':
      return expecting(`ask(${name}, 'POST', '/auth/logout')`);
    case 'call':
      return expecting(`ask(${name}, 'GET', '/cart')`);
  }
}

const HEAD = `import { createHmac, randomUUID } from 'node:crypto';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { AuthModule, generateKeys, InMemoryTokenRepositoryModule/* services */ } from 'keyturn';
import { KeyturnTestingModule, signedIn } from 'keyturn/testing';

@Controller('cart')
class CartController {
  @Get()
  view() {
    return { items: ['a teapot'] };
  }
}

// Put your own module in its place.
@Module({
  imports: [
    AuthModule.forRoot({
      issuer: 'http://localhost:3000',
      keys: generateKeys(),
/* policy */      store: InMemoryTokenRepositoryModule.forRoot(),
      guard: 'global',
      routes: { path: 'auth' },
    }),
  ],
  controllers: [CartController],
})
class AppModule {}

/** What a device keeps: its tokens, and the secret that makes its Idempotency-Keys. */
interface Device {
  sid: string;
  accessToken: string;
  refreshToken?: string;
  secret?: string;
}

let app: INestApplication;
let keyturn: KeyturnTestingModule;
beforeEach(async () => {
  const builder = Test.createTestingModule({ imports: [AppModule] });
  keyturn = KeyturnTestingModule.replaceStore(builder);
  app = (await builder.compile()).createNestApplication();
  await app.listen(0, '127.0.0.1');
});
afterEach(() => app.close());

const signIn = async (): Promise<Device> => ({ ...(await signedIn(app, { sub: 'ada' })), secret: randomUUID() });

async function ask(device: Device, method: string, path: string, body?: object, headers = {}) {
  const answer = await fetch((await app.getUrl()) + path, {
    method,
    headers: { authorization: \`Bearer \${device.accessToken}\`, 'content-type': 'application/json', ...headers },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, ...(text ? (JSON.parse(text) as Record<string, string>) : {}) };
}

/** Uses the refresh token of a device, which then has the next one, and tells the number of that. */
async function refresh(device: Device) {
  const { refreshToken = '', secret } = device;
  const key = secret && { 'idempotency-key': createHmac('sha256', secret).update(refreshToken).digest('hex') };
  const answer: Record<string, unknown> = await ask(device, 'POST', '/auth/refresh', { refresh_token: refreshToken }, key);
  if (answer.status !== 200) return answer;
  device.accessToken = String(answer.access_token);
  device.refreshToken = String(answer.refresh_token);
  const claims = Buffer.from(device.refreshToken.split('.')[1]!, 'base64url').toString();
  return { ...answer, seq: (JSON.parse(claims) as { seq: number }).seq };
}
`;

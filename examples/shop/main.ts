import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import {
  AUTH_POLICY,
  formatPolicyReport,
  InMemoryTokenRepositoryModule,
  policyReport,
  RedisTokenRepositoryModule,
  type AuthPolicy,
  type SessionMode,
} from 'keyturn';
import { ShopModule } from './shop.module.js';

const { PORT = '3001', REDIS_URL, AUTH_STRATEGY = 'refresh-sliding' } = process.env;

const store = REDIS_URL
  ? RedisTokenRepositoryModule.forRoot({ url: REDIS_URL })
  : InMemoryTokenRepositoryModule.forRoot();

const shop = ShopModule.forRoot(store, AUTH_STRATEGY as SessionMode);
const app = await NestFactory.create<NestExpressApplication>(shop, { abortOnError: false });
app.enableShutdownHooks();
// The server of examples/next says whom it asks for.
app.set('trust proxy', 'loopback');
// Everybody knows the demo password: this machine alone may knock.
await app.listen(PORT, '127.0.0.1');
process.stdout.write(
  `The shop is open at ${await app.getUrl()}, sessions are kept in ${REDIS_URL ? 'Redis' : 'memory'}\n` +
    `${formatPolicyReport(policyReport(app.get<AuthPolicy>(AUTH_POLICY)))}\n`,
);

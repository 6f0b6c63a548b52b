import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
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

const app = await NestFactory.create(ShopModule.forRoot(store, AUTH_STRATEGY as SessionMode), { abortOnError: false });
app.enableShutdownHooks();
// Everybody knows the demo password: this machine alone may knock.
await app.listen(PORT, '127.0.0.1');
process.stdout.write(
  `The shop is open at ${await app.getUrl()}, sessions are kept in ${REDIS_URL ? 'Redis' : 'memory'}\n` +
    `${formatPolicyReport(policyReport(app.get<AuthPolicy>(AUTH_POLICY)))}\n`,
);

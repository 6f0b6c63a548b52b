import { readServiceConfig } from '../config/service.config.js';
import { notReadyLine } from './not-ready.js';

const config = readServiceConfig({
  REDIS_URL: 'redis://keyturn:hunter2@cache:7000',
  DATABASE_URL: 'postgres://keyturn:hunter2@db:5433/keyturn',
});

describe('the last line of a start', () => {
  it('is missing when all parts answer', () => {
    expect(notReadyLine({ store: 'up', users: 'up', feed: 'up' }, config)).toBeUndefined();
  });

  it.each([
    [{ store: 'down', users: 'up', feed: 'down' }, 'sessions (Redis at cache:7000)'],
    [{ users: 'up', feed: 'down' }, 'revocations (Redis at cache:7000)'],
    [{ store: 'up', users: 'down', feed: 'up' }, 'users (PostgreSQL at db:5433)'],
    [
      { store: 'down', users: 'down', feed: 'down' },
      'sessions (Redis at cache:7000) and users (PostgreSQL at db:5433)',
    ],
  ] as const)('of %j says where what does not answer is, without its password', (parts, where) => {
    expect(notReadyLine(parts, config)).toContain(`Not ready: no answer from ${where}.`);
    expect(notReadyLine(parts, config)).not.toContain('hunter2');
  });
});

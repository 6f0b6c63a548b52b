import { RedisTokenRepository } from '../../src/stores/redis/redis-token.repository.js';
import type { RedisServer } from '../support/redis-server.js';
import { startRedis } from '../support/redis-server.js';
import { letPassInRedis } from './redis-time-travel.js';
import { tokenRepositoryContract } from '../../src/testing/index.js';

const keyPrefix = 'kt:';

describe('RedisTokenRepository', () => {
  let server: RedisServer;
  let repository: RedisTokenRepository;

  beforeAll(async () => {
    server = await startRedis();
    repository = new RedisTokenRepository(server.client, { keyPrefix, commandTimeout: 5_000 });
  });
  afterAll(() => server.stop());

  const contract = tokenRepositoryContract(() => ({
    repository,
    letPass: (sub, milliseconds) => letPassInRedis(server.client, keyPrefix, sub, milliseconds),
  }));
  it.each(contract)('$name', ({ run }) => run());
});

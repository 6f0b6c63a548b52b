/** Models whose tokens are revoked together, when their grant is. */
const GRANTABLE = new Set([
  'AccessToken',
  'AuthorizationCode',
  'RefreshToken',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
]);
const key = (model, id) => `oidc:${model}:${id}`;
const members = (grantId) => `oidc:grant:${grantId}`;

/**
 * An adapter of oidc-provider for Redis, after
 * https://github.com/panva/node-oidc-provider/blob/main/example/adapters/redis.js: what it keeps is JSON, what may be used
 * once is a hash with `consumed`, and each grant knows its tokens. Writes of one call go in one pipeline.
 */
export const oidcAdapter = (redis) =>
  class RedisAdapter {
    constructor(model) {
      this.model = model;
    }

    async upsert(id, payload, expiresIn) {
      const name = key(this.model, id);
      const batch = redis.multi().hset(name, 'payload', JSON.stringify(payload));
      if (expiresIn) batch.expire(name, expiresIn);
      if (GRANTABLE.has(this.model) && payload.grantId) {
        batch.sadd(members(payload.grantId), name);
        // As long as its longest token: no later one shortens it.
        if (expiresIn)
          batch.expire(members(payload.grantId), expiresIn, 'NX').expire(members(payload.grantId), expiresIn, 'GT');
      }
      if (payload.uid) batch.set(key('uid', payload.uid), id, 'EX', expiresIn);
      if (payload.userCode) batch.set(key('userCode', payload.userCode), id, 'EX', expiresIn);
      await batch.exec();
    }

    async find(id) {
      const { payload, consumed } = await redis.hgetall(key(this.model, id));
      if (payload === undefined) return undefined;
      return { ...JSON.parse(payload), ...(consumed && { consumed: Number(consumed) }) };
    }

    async findByUid(uid) {
      return this.find(await redis.get(key('uid', uid)));
    }

    async findByUserCode(userCode) {
      return this.find(await redis.get(key('userCode', userCode)));
    }

    async consume(id) {
      await redis.hset(key(this.model, id), 'consumed', Math.floor(Date.now() / 1000));
    }

    async destroy(id) {
      await redis.del(key(this.model, id));
    }

    async revokeByGrantId(grantId) {
      const tokens = await redis.smembers(members(grantId));
      await redis.del(members(grantId), ...tokens);
    }
  };

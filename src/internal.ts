/** What the service needs of the library beyond its public API. It is no part of that API and may change at any time. */
export type { NameOf } from './auth.errors.js';
export { OPTIONS } from './options/auth-options.js';
export { AUTH_EXTRAS } from './options/auth-extras.js';
export { CLIENT_OPTIONS } from './options/client-options.js';
export { closest } from './options/closest.js';
export { choice, duration, flag, list, text, whole } from './options/option-kinds.js';
export { checkOptions, environmentNames, readOptions, rowsOf, type NamedOption } from './options/option-table.js';
export { describeOption } from './options/option-text.js';
export type { AnyOption, Bounds, CheckedOf, OptionsOf, OptionTable } from './options/option.js';
export { readCookies, writeCookie } from './transport/cookie-header.js';
export { cookieName } from './transport/cookie-places.js';
export { hashClientSecret } from './oauth/oauth-client.js';
export { RESOURCE_SERVER_EXTRAS, RESOURCE_SERVER_TABLE } from './resource-server/resource-server.options.js';
export type { RedisClient } from './stores/redis/redis-connection-options.js';
export { REDIS_READER } from './stores/redis/redis-token-repository.module.js';
export { watchOf, type RedisTrouble } from './stores/redis/redis-watch.js';
export { REDIS_OPTIONS } from './stores/redis/redis-connection-options.js';
export { FaultLine } from './transport/fault-log.js';

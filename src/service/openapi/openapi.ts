import type { INestApplication } from '@nestjs/common';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { traitsOf } from '../../index.js';
import { accountPaths } from './openapi.account-paths.js';
import { adminPaths } from './openapi.admin-paths.js';
import { json, operation, type Operations } from './openapi.operation.js';
import { schemasOf } from './openapi.schemas.js';
import { sessionPaths } from './openapi.session-paths.js';
import type { ServiceConfig } from '../config/service.config.js';

/** Path of the OpenAPI page. */
export const API_PAGE = 'docs';

const operationPaths: Operations = {
  '/.well-known/jwks.json': {
    get: operation({
      id: 'jwks',
      summary: 'Public keys of the access tokens',
      tag: 'operation',
      answer: [200, 'Jwks'],
      errors: [],
    }),
  },
  '/health/live': {
    get: operation({
      id: 'live',
      summary: 'The process answers',
      tag: 'operation',
      answer: [200, 'Live'],
      errors: [503],
    }),
  },
  '/health/ready': {
    get: operation({
      id: 'ready',
      summary: 'Send it requests',
      tag: 'operation',
      answer: [200, 'Ready'],
      errors: [503],
    }),
  },
};
const metricsPaths: Operations = {
  '/metrics': {
    get: operation({
      id: 'metrics',
      summary: 'Metrics for Prometheus, for this machine only',
      tag: 'operation',
      answer: [200, null],
      errors: [404],
    }),
  },
};
metricsPaths['/metrics']!.get!.responses[200] = {
  description: 'The text format of Prometheus.',
  content: { 'text/plain': { schema: { type: 'string' } } },
};
operationPaths['/health/live']!.get!.responses[503] = { description: 'Restart it.', content: json('Live') };
// Not ready is told in the shape of ready.
operationPaths['/health/ready']!.get!.responses[503] = { description: 'Starting or draining.', content: json('Ready') };

/** The OpenAPI document of what exists under these settings; a test holds the routes against it. */
export function apiDocument({
  routesPath,
  auth,
  strategy,
  metricsPort,
}: Pick<ServiceConfig, 'routesPath' | 'auth' | 'strategy' | 'metricsPort'>): OpenAPIObject {
  const traits = traitsOf(strategy);
  const base = `/${routesPath}`;
  return {
    openapi: '3.1.0',
    info: {
      title: 'Keyturn',
      version: '1',
      description: 'Token sessions: short access tokens, refresh tokens that turn like a key, sessions that slide.',
    },
    servers: [{ url: auth.issuer }],
    paths: {
      ...accountPaths(base),
      ...sessionPaths(base, traits),
      ...adminPaths,
      ...operationPaths,
      ...(metricsPort === undefined && metricsPaths),
    },
    components: {
      schemas: schemasOf(traits),
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

/** Serves the document as a page, and as JSON beside it. */
export function addApiPage(app: INestApplication, config: ServiceConfig): void {
  SwaggerModule.setup(API_PAGE, app, apiDocument(config), { jsonDocumentUrl: `${API_PAGE}.json`, ui: true });
}

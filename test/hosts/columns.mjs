import { graphql, graphqlWs } from './players/graphql.mjs';
import { http, sse } from './players/http.mjs';
import { redisRpc, tcp } from './players/rpc.mjs';
import { socketIo, ws } from './players/sockets.mjs';

/**
 * Each kind of host: the project that is installed, the application in it, and who plays its client. `alone`: two
 * applications would answer each other's messages.
 */
export const COLUMNS = {
  'Express 11': { project: 'streams11', entry: 'express.js', player: http, packages: ['@nestjs/core', 'express'] },
  'Express 12': { project: 'streams12', entry: 'express.js', player: http, packages: ['@nestjs/core', 'express'] },
  'Fastify 12': { project: 'streams12', entry: 'fastify.js', player: http, packages: ['@nestjs/core', 'fastify'] },
  'a CommonJS library': { project: 'streams12', entry: 'two-copies.js', player: http, packages: ['@nestjs/core'] },
  'Apollo 13': {
    project: 'streams11',
    entry: 'apollo.js',
    player: graphql,
    packages: ['@nestjs/core', '@nestjs/apollo'],
  },
  'Apollo 14': {
    project: 'streams12',
    entry: 'apollo.js',
    player: graphql,
    packages: ['@nestjs/core', '@nestjs/apollo'],
  },
  'Mercurius 14': {
    project: 'streams12',
    entry: 'mercurius.js',
    player: graphql,
    packages: ['@nestjs/core', '@nestjs/mercurius'],
  },
  'graphql-ws': {
    project: 'streams12',
    entry: 'apollo.js',
    player: graphqlWs,
    packages: ['@nestjs/apollo', 'graphql-ws'],
  },
  'graphql-ws, Mercurius': {
    project: 'streams12',
    entry: 'mercurius.js',
    player: graphqlWs,
    packages: ['@nestjs/mercurius', 'graphql-ws'],
  },
  'socket.io 11': {
    project: 'streams11',
    entry: 'socketio.js',
    player: socketIo,
    packages: ['@nestjs/core', 'socket.io'],
  },
  'socket.io 12': {
    project: 'streams12',
    entry: 'socketio.js',
    player: socketIo,
    packages: ['@nestjs/core', 'socket.io'],
  },
  'ws 12': { project: 'streams12', entry: 'ws.js', player: ws, packages: ['@nestjs/core', 'ws'] },
  TCP: { project: 'streams12', entry: 'rpc.js', player: tcp, env: { RPC: 'tcp' }, packages: ['@nestjs/microservices'] },
  'Redis RPC': {
    project: 'streams12',
    entry: 'rpc.js',
    player: redisRpc,
    env: { RPC: 'redis' },
    alone: true,
    packages: ['@nestjs/microservices'],
  },
  'Express 11.0': { project: 'lowest11', entry: 'express.js', player: http, packages: ['@nestjs/core', 'express'] },
  'socket.io 11.0': {
    project: 'lowest11',
    entry: 'socketio.js',
    player: socketIo,
    packages: ['@nestjs/core', 'socket.io'],
  },
  'TCP 11.0': {
    project: 'lowest11',
    entry: 'rpc.js',
    player: tcp,
    env: { RPC: 'tcp' },
    packages: ['@nestjs/microservices'],
  },
  SSE: { project: 'streams12', entry: 'express.js', player: sse, packages: ['@nestjs/core'] },
};

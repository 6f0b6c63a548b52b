// What `nest new` makes, on Fastify: one module, one controller, one service.
import 'reflect-metadata';
import { Controller, Get, Inject, Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';

class AppService {
  hello() {
    return 'Hello World!';
  }
}
Injectable()(AppService);

class AppController {
  constructor(service) {
    this.service = service;
  }

  hello() {
    return this.service.hello();
  }
}
Controller()(AppController);
Inject(AppService)(AppController, undefined, 0);
Get()(AppController.prototype, 'hello', Object.getOwnPropertyDescriptor(AppController.prototype, 'hello'));

const AppModule = { module: function AppModule() {}, controllers: [AppController], providers: [AppService] };
const app = await NestFactory.create(AppModule, new FastifyAdapter());
app.enableShutdownHooks();
await app.listen(process.env.PORT, '127.0.0.1');

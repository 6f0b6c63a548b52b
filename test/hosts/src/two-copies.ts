import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { manual } from './keyturn.js';
import { LibraryModule } from './library.cjs';
import { listen } from './listen.js';

@Module({ imports: [manual, LibraryModule] })
class AppModule {}

void listen(() => NestFactory.create(AppModule, { logger: ['error'], abortOnError: false }));

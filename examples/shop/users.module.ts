import { Module } from '@nestjs/common';
import { demoUsers, UsersService } from './users.service.js';

@Module({
  providers: [{ provide: UsersService, useFactory: async () => new UsersService(await demoUsers()) }],
  exports: [UsersService],
})
export class UsersModule {}

import { Controller, Get, Inject, Query, UseFilters } from '@nestjs/common';
import { ApiQuery, ApiTags } from '../../openapi/swagger-metadata.js';
import { AuthError, AuthExceptionFilter, RequireRole } from '../../index.js';
import { ADMIN } from '../accounts/account-changes.js';
import { UsersService } from '../accounts/users.service.js';
import { AdminUsersAnswer } from './answers.js';
import { ApiCall, STORE } from './api-call.decorator.js';

const LISTED = 100;

/** What administrators look up. */
@ApiTags('admin')
@RequireRole(ADMIN)
@UseFilters(AuthExceptionFilter)
@Controller('admin/users')
export class AdminController {
  constructor(@Inject(UsersService) private readonly users: UsersService) {}

  /** Who has this address; without one, the newest accounts. */
  @Get()
  @ApiQuery({
    name: 'email',
    type: 'string',
    required: false,
    description: `The whole address, in any case. Without it: the newest ${LISTED} accounts.`,
  })
  @ApiCall({
    id: 'findUsers',
    summary: 'Find an account by its address',
    answer: AdminUsersAnswer,
    errors: STORE,
    bearer: true,
  })
  async find(@Query('email') email?: unknown): Promise<AdminUsersAnswer> {
    if (email === undefined || email === '') return { users: await this.users.newest(LISTED) };
    if (typeof email !== 'string') throw new AuthError('invalid_request', 'Give one email.');
    const user = await this.users.findByEmail(email);
    return { users: user ? [user] : [] };
  }
}

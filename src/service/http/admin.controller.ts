import { Controller, Get, Inject, Query, UseFilters, UsePipes } from '@nestjs/common';
import { ApiTags } from '../../openapi/swagger-metadata.js';
import { AuthError, AuthExceptionFilter, RequireRole } from '../../index.js';
import { ADMIN } from '../accounts/account-changes.js';
import type { Page } from '../accounts/page.js';
import type { User } from '../accounts/user.js';
import { UserPages } from '../accounts/user-pages.js';
import { UsersService } from '../accounts/users.service.js';
import { AdminUsersAnswer } from './answers.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { BodyPipe } from './body.pipe.js';
import { pageRequestOf, UsersQuery } from './queries.js';

/** What administrators look up. */
@ApiTags('admin')
@RequireRole(ADMIN)
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
@Controller('admin/users')
export class AdminController {
  constructor(
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(UserPages) private readonly pages: UserPages,
  ) {}

  /** Who has this address, or whose address begins so; without both, the newest accounts. */
  @Get()
  @ApiCall({
    id: 'findUsers',
    summary: 'Find accounts by the address, by how it begins, or the newest ones; page by page',
    answer: AdminUsersAnswer,
    errors: ['invalid_request', ...STORE],
    bearer: true,
  })
  async find(@Query() query: UsersQuery): Promise<AdminUsersAnswer> {
    const { items, next } = await this.found(query);
    return { users: items, ...(next !== undefined && { next }) };
  }

  private async found(query: UsersQuery): Promise<Page<User>> {
    const { email, prefix } = query;
    if (email && prefix) throw new AuthError('invalid_request', "Give 'email' or 'prefix', not both.");
    if (email) {
      const user = await this.users.findByEmail(email);
      return { items: user ? [user] : [] };
    }
    const page = pageRequestOf(query);
    return prefix ? this.pages.withPrefix(prefix, page) : this.pages.newest(page);
  }
}

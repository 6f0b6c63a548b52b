import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Req,
  UseFilters,
  UsePipes,
} from '@nestjs/common';
import { ApiParam, ApiQuery, ApiTags } from '@nestjs/swagger';
import {
  AuthClock,
  AuthError,
  AuthEvents,
  AuthExceptionFilter,
  requestInfoOf,
  RequireRole,
  type IncomingRequest,
} from '../../index.js';
import { AccountRevoker } from '../accounts/account-revoker.js';
import { AdminUserAnswer, AdminUsersAnswer, ResetTicketAnswer } from './answers.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { NewUserBody, PatchUserBody } from './bodies.js';
import { BodyPipe } from './body.pipe.js';
import { Announcements } from '../accounts/announcements.js';
import { PasswordChange } from '../accounts/password-change.js';
import { AccountChanges } from '../accounts/account-changes.js';
import { UsersService } from '../accounts/users.service.js';

const LISTED = 100;

const notFound = (): AuthError => new AuthError('not_found', 'There is no such user.');

/** What administrators do to accounts. What ends sessions is written to the users table first, and told after. */
@ApiTags('admin')
@RequireRole('admin')
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
@Controller('admin/users')
export class AdminController {
  constructor(
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(AccountChanges) private readonly changes: AccountChanges,
    @Inject(AccountRevoker) private readonly revoker: AccountRevoker,
    @Inject(Announcements) private readonly announcements: Announcements,
    @Inject(PasswordChange) private readonly passwords: PasswordChange,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

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

  @Post()
  @ApiCall({
    id: 'addUser',
    summary: 'Make an account; without a password, it needs a reset ticket to log in',
    status: 201,
    answer: AdminUserAnswer,
    errors: ['email_taken', ...STORE],
    bearer: true,
  })
  async add(
    @Body() { email, password, roles }: NewUserBody,
    @Req() request: IncomingRequest,
  ): Promise<AdminUserAnswer> {
    if (password !== undefined) this.passwords.check(password);
    const user = await this.users.register(email, password ?? null, roles);
    this.events.emit({ type: 'user.registered', sub: user.id }, requestInfoOf(request));
    return { user };
  }

  @Post(':id/password-reset')
  @ApiParam({ name: 'id', type: 'string', description: 'The account.' })
  @ApiCall({
    id: 'issueResetTicket',
    summary: 'Make a ticket with which the password can be set once, within 30 minutes',
    status: 201,
    answer: ResetTicketAnswer,
    errors: ['not_found', ...STORE],
    bearer: true,
  })
  @Header('Cache-Control', 'no-store')
  async issueTicket(@Param('id') id: string, @Req() request: IncomingRequest): Promise<ResetTicketAnswer> {
    const issued = await this.changes.issueTicket(id, this.clock.now());
    if (!issued) throw notFound();
    // The database takes an id in any case, and subjects are lower case.
    this.events.emit({ type: 'password.ticket_issued', sub: id.toLowerCase() }, requestInfoOf(request));
    return { ticket: issued.ticket, expires_at: issued.expiresAt / 1000 };
  }

  @Patch(':id')
  @ApiParam({ name: 'id', type: 'string', description: 'The account.' })
  @ApiCall({
    id: 'patchUser',
    summary: 'Disable or enable an account (disabling ends all its sessions), or give it other roles',
    answer: AdminUserAnswer,
    errors: ['not_found', ...STORE],
    bearer: true,
  })
  async patch(
    @Param('id') id: string,
    @Body() body: PatchUserBody,
    @Req() request: IncomingRequest,
  ): Promise<AdminUserAnswer> {
    const patched = await this.changes.patch(id, body, this.clock.now());
    if (!patched) throw notFound();
    const info = requestInfoOf(request);
    if (body.disabled !== undefined) {
      this.events.emit({ type: body.disabled ? 'user.disabled' : 'user.enabled', sub: patched.user.id }, info);
    }
    for (const debt of patched.owed) await this.announcements.pay(debt, info);
    return { user: patched.user };
  }

  @Delete(':id')
  @ApiParam({ name: 'id', type: 'string', description: 'The account.' })
  @ApiCall({
    id: 'deleteUser',
    summary: 'Delete an account; all its sessions end',
    errors: ['not_found', ...STORE],
    bearer: true,
  })
  async remove(@Param('id') id: string, @Req() request: IncomingRequest): Promise<void> {
    const info = requestInfoOf(request);
    const owed = await this.changes.remove(id, this.clock.now());
    if (owed) {
      this.events.emit({ type: 'user.deleted', sub: owed.sub }, info);
      return this.announcements.pay(owed, info);
    }
    // A first call may have been cut off after the row was gone.
    if (!(await this.announcements.payFor(id, info))) throw notFound();
  }

  @Delete(':id/sessions')
  @ApiParam({ name: 'id', type: 'string', description: 'The account.' })
  @ApiCall({
    id: 'endUserSessions',
    summary: 'End every session of an account, and all its tokens',
    errors: ['not_found', ...STORE],
    bearer: true,
  })
  async endSessions(@Param('id') id: string, @Req() request: IncomingRequest): Promise<void> {
    const user = await this.users.findById(id);
    if (!user) throw notFound();
    await this.revoker.revokeAll(user.id, requestInfoOf(request));
  }
}

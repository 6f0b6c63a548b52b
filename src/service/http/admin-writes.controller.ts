import {
  Body,
  Controller,
  Delete,
  Inject,
  Param,
  Patch,
  Post,
  Req,
  UseFilters,
  UsePipes,
  type Type,
} from '@nestjs/common';
import { ApiParam, ApiTags } from '../../openapi/swagger-metadata.js';
import {
  AuthClock,
  AuthError,
  AuthEvents,
  AuthExceptionFilter,
  requestInfoOf,
  RequireLiveSession,
  RequireRecentAuth,
  RequireRole,
  type AuthErrorCode,
  type IncomingRequest,
} from '../../index.js';
import { mountAt } from '../../internal.js';
import { AccountChanges, ADMIN } from '../accounts/account-changes.js';
import { AccountRevoker } from '../accounts/account-revoker.js';
import { Announcements } from '../accounts/announcements.js';
import { PasswordRules } from '../accounts/password-rules.js';
import { UsersService } from '../accounts/users.service.js';
import { AdminUserAnswer, ResetTicketAnswer } from './answers.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { NewUserBody, PatchUserBody } from './bodies.js';
import { BodyPipe } from './body.pipe.js';

const notFound = (): AuthError => new AuthError('not_found', 'There is no such user.');

const WRITING: readonly AuthErrorCode[] = ['insufficient_user_authentication', ...STORE];

/**
 * What administrators do to accounts. Each needs a password given a short while ago: a token that was left somewhere
 * must not make another administrator. What ends sessions is written to the users table first, and told after.
 */
@ApiTags('admin')
@RequireRole(ADMIN)
@RequireRecentAuth('15m')
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
@Controller('admin/users')
export class AdminWritesController {
  constructor(
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(AccountChanges) private readonly changes: AccountChanges,
    @Inject(AccountRevoker) private readonly revoker: AccountRevoker,
    @Inject(Announcements) private readonly announcements: Announcements,
    @Inject(PasswordRules) private readonly rules: PasswordRules,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  @Post()
  @ApiCall({
    id: 'addUser',
    summary: 'Make an account; without a password, it needs a reset ticket to log in',
    status: 201,
    answer: AdminUserAnswer,
    errors: ['email_taken', ...WRITING],
    bearer: true,
  })
  async add(
    @Body() { email, password, roles }: NewUserBody,
    @Req() request: IncomingRequest,
  ): Promise<AdminUserAnswer> {
    if (password !== undefined) await this.rules.assert(password, email);
    const user = await this.users.register(email, password ?? null, roles, { isVerified: true });
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
    errors: ['not_found', ...WRITING],
    bearer: true,
  })
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
    errors: ['not_found', 'last_administrator', ...WRITING],
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
    for (const announcement of patched.announcements)
      await this.announcements.announce(announcement, { ...info, cause: 'disabled' });
    return { user: patched.user };
  }

  @Delete(':id')
  @ApiParam({ name: 'id', type: 'string', description: 'The account.' })
  @ApiCall({
    id: 'deleteUser',
    summary: 'Delete an account; all its sessions end',
    errors: ['not_found', 'last_administrator', ...WRITING],
    bearer: true,
  })
  async remove(@Param('id') id: string, @Req() request: IncomingRequest): Promise<void> {
    const info = { ...requestInfoOf(request), cause: 'deleted' } as const;
    const announcement = await this.changes.remove(id, this.clock.now());
    if (announcement) {
      this.events.emit({ type: 'user.deleted', sub: announcement.sub }, info);
      return this.announcements.announce(announcement, info);
    }
    // A first call may have been cut off after the row was gone.
    if (!(await this.announcements.announceAllOf(id, info))) throw notFound();
  }

  @Delete(':id/sessions')
  @ApiParam({ name: 'id', type: 'string', description: 'The account.' })
  @ApiCall({
    id: 'endUserSessions',
    summary: 'End every session of an account, and all its tokens',
    errors: ['not_found', ...WRITING],
    bearer: true,
  })
  async endSessions(@Param('id') id: string, @Req() request: IncomingRequest): Promise<void> {
    const user = await this.users.findById(id);
    if (!user) throw notFound();
    await this.revoker.revokeAll(user.id, { ...requestInfoOf(request), cause: 'administrator' });
  }
}

/**
 * The same where sessions are kept: there the administrator's own session must be alive, by the store and not by what
 * this instance has read.
 */
export function adminWrites(keepsSessions: boolean): Type {
  if (!keepsSessions) return AdminWritesController;
  const mounted = mountAt('admin/users', AdminWritesController);
  RequireLiveSession()(mounted);
  return mounted;
}

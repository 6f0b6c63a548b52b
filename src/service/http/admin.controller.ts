import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Query,
  Req,
  UseFilters,
  UsePipes,
} from '@nestjs/common';
import {
  AuthClock,
  AuthError,
  AuthEvents,
  AuthExceptionFilter,
  BodyPipe,
  requestInfoOf,
  RequireRole,
  type IncomingRequest,
} from '../../index.js';
import { AccountRevoker } from '../accounts/account-revoker.js';
import { NewUserBody, PatchUserBody } from './admin.bodies.js';
import { Announcements } from '../accounts/announcements.js';
import { PasswordChange } from '../accounts/password-change.js';
import { AccountChanges } from '../accounts/account-changes.js';
import type { User } from '../accounts/user.js';
import { UsersService } from '../accounts/users.service.js';

const LISTED = 100;

const notFound = (): AuthError => new AuthError('not_found', 'There is no such user.');

/** What administrators do to accounts. What ends sessions is written to the users table first, and told after. */
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
  async find(@Query('email') email?: unknown): Promise<{ users: readonly User[] }> {
    if (email === undefined || email === '') return { users: await this.users.newest(LISTED) };
    if (typeof email !== 'string') throw new AuthError('invalid_request', 'Give one email.');
    const user = await this.users.findByEmail(email);
    return { users: user ? [user] : [] };
  }

  @Post()
  @HttpCode(201)
  async add(@Body() { email, password, roles }: NewUserBody, @Req() request: IncomingRequest): Promise<{ user: User }> {
    if (password !== undefined) this.passwords.check(password);
    const user = await this.users.register(email, password ?? null, roles);
    this.events.emit({ type: 'user.registered', sub: user.id }, requestInfoOf(request));
    return { user };
  }

  @Post(':id/password-reset')
  @HttpCode(201)
  @Header('Cache-Control', 'no-store')
  async issueTicket(
    @Param('id') id: string,
    @Req() request: IncomingRequest,
  ): Promise<{ ticket: string; expires_at: number }> {
    const issued = await this.changes.issueTicket(id, this.clock.now());
    if (!issued) throw notFound();
    // The database takes an id in any case, and subjects are lower case.
    this.events.emit({ type: 'password.ticket_issued', sub: id.toLowerCase() }, requestInfoOf(request));
    return { ticket: issued.ticket, expires_at: issued.expiresAt / 1000 };
  }

  @Patch(':id')
  async patch(
    @Param('id') id: string,
    @Body() body: PatchUserBody,
    @Req() request: IncomingRequest,
  ): Promise<{ user: User }> {
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
  @HttpCode(204)
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
  @HttpCode(204)
  async endSessions(@Param('id') id: string, @Req() request: IncomingRequest): Promise<void> {
    const user = await this.users.findById(id);
    if (!user) throw notFound();
    await this.revoker.revokeAll(user.id, requestInfoOf(request));
  }
}

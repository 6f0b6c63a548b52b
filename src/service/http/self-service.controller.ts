import { Body, Get, Inject, Post, Req, UseFilters, UsePipes } from '@nestjs/common';
import { ApiTags } from '../../openapi/swagger-metadata.js';
import {
  auditHash,
  AuthError,
  AuthEvents,
  AuthExceptionFilter,
  CurrentUser,
  LoginLimits,
  NoSliding,
  Public,
  requestInfoOf,
  RequireRecentAuth,
  type AuthUser,
  type IncomingRequest,
} from '../../index.js';
import { EmailChanges } from '../accounts/email-changes.js';
import { MailRequests, preferredLocale } from '../accounts/mail-requests.js';
import { emailKey } from '../accounts/user.js';
import { UsersService } from '../accounts/users.service.js';
import { EmailAnswer, EmptyAnswer } from './answers.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { EmailChangeBody, EmailVerificationBody, PasswordResetRequestBody } from './bodies.js';
import { BodyPipe } from './body.pipe.js';

/** What users do by mail: a forgotten password, a confirmed address, a new address. */
@ApiTags('account')
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
export class SelfServiceController {
  constructor(
    @Inject(MailRequests) private readonly mails: MailRequests,
    @Inject(EmailChanges) private readonly emails: EmailChanges,
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(LoginLimits) private readonly limits: LoginLimits,
    @Inject(AuthEvents) private readonly events: AuthEvents,
  ) {}

  @Public()
  @Post('password-reset/request')
  @ApiCall({
    id: 'requestPasswordReset',
    summary: 'Send a mail with a ticket for a new password, if the address has an account; the answer does not tell',
    status: 202,
    answer: EmptyAnswer,
    errors: ['invalid_request', 'forbidden', 'too_many_attempts', ...STORE],
  })
  async requestReset(
    @Body() { email }: PasswordResetRequestBody,
    @Req() request: IncomingRequest,
  ): Promise<EmptyAnswer> {
    this.mails.requireMailer();
    const locale = preferredLocale(request.headers['accept-language']);
    const info = requestInfoOf(request);
    // By where it is from, and never by account: else anybody could keep its owner from asking.
    await this.limits.consume({ kind: 'ticket' }, info);
    await this.mails.ask({ kind: 'password-reset', email, locale });
    const accountHash = auditHash(emailKey(email));
    this.events.emit({ type: 'password.reset_requested', accountHash }, info);
    return {};
  }

  @NoSliding()
  @Get('email')
  @ApiCall({
    id: 'email',
    summary: "The caller's address as it is now, and whether it was confirmed",
    answer: EmailAnswer,
    errors: ['not_found', ...STORE],
    bearer: true,
  })
  async email(@CurrentUser() { sub }: AuthUser): Promise<EmailAnswer> {
    const address = await this.users.addressOf(sub);
    if (!address) throw new AuthError('not_found', 'There is no such account any more.');
    return { email: address.email, email_verified: address.isVerified };
  }

  @Public()
  @Post('email/verify')
  @ApiCall({
    id: 'verifyEmail',
    summary: 'Confirm an address by the ticket that was sent there: that of an account, or a new one',
    errors: ['invalid_request', 'ticket_invalid', 'email_taken', 'too_many_attempts', ...STORE],
  })
  async verify(@Body() { ticket }: EmailVerificationBody, @Req() request: IncomingRequest): Promise<void> {
    await this.emails.verify(ticket, requestInfoOf(request));
  }

  @NoSliding()
  @RequireRecentAuth('15m')
  @Post('email/change')
  @ApiCall({
    id: 'changeEmail',
    summary: 'Send a ticket to a new address, and a notice to the old one; the address changes when the ticket is used',
    status: 202,
    answer: EmptyAnswer,
    errors: ['invalid_request', 'insufficient_user_authentication', 'too_many_attempts', ...STORE],
    bearer: true,
  })
  async change(
    @Body() { new_email: email }: EmailChangeBody,
    @CurrentUser() { sub }: AuthUser,
    @Req() request: IncomingRequest,
  ): Promise<EmptyAnswer> {
    this.mails.requireMailer();
    const locale = preferredLocale(request.headers['accept-language']);
    await this.emails.request(sub, email, locale, requestInfoOf(request));
    return {};
  }
}

import { Body, HttpCode, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Public } from '../decorators/access.decorators.js';
import { SessionService } from '../sessions/session.service.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { RouteAnswers } from '../transport/route-answers.js';
import { requestInfoOf } from '../transport/request-info.js';
import { ClientAuthentication } from './client-authentication.js';
import { MachineTokens } from './machine-tokens.js';
import { OAuthExceptionFilter } from './oauth-exception.filter.js';
import { readForm, required } from './oauth-form.js';
import { PresentedTokens } from './presented-tokens.js';

/** The revocation endpoint (RFC 7009). */
@UseFilters(OAuthExceptionFilter)
export class RevocationController {
  constructor(
    @Inject(ClientAuthentication) private readonly clients: ClientAuthentication,
    @Inject(PresentedTokens) private readonly tokens: PresentedTokens,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(MachineTokens) private readonly machineTokens: MachineTokens,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(RouteAnswers) private readonly answers: RouteAnswers,
    @Inject(OAuthExceptionFilter) private readonly errors: OAuthExceptionFilter,
  ) {}

  /**
   * Ends the session of a token, spent or expired as it may be. What is not ours, or another client's, changes nothing and
   * is answered alike (RFC 7009 section 2.2). `token_type_hint` is a hint only: both kinds are tried.
   */
  @Public()
  @Post('revoke')
  @HttpCode(200)
  revoke(@Body() body: unknown, @Req() request: IncomingRequest, @Res() response: object): Promise<void> {
    const refuse = (error: unknown): void => this.errors.answer(error, response);
    return this.answers.send(response, () => this.end(body, request, response), refuse);
  }

  private async end(body: unknown, request: IncomingRequest, response: object): Promise<void> {
    const form = readForm(request.headers['content-type'], body);
    const client = await this.clients.authenticate(request, form);
    const token = this.tokens.signedByUs(required(form, 'token'));
    this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    if (token?.client_id !== client.id) return;
    if ('sub_type' in token) await this.machineTokens.revoke(token.client_id, token.sid);
    else await this.sessions.revoke(token.sub, token.sid, { ...requestInfoOf(request), cause: 'logout' });
  }
}

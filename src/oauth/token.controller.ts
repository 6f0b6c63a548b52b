import { Body, HttpCode, Inject, Optional, Post, Req, Res, UseFilters } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { AuthClock } from '../auth.clock.js';
import { AUTH_POLICY } from '../auth.constants.js';
import { Public } from '../decorators/access.decorators.js';
import type { AuthPolicy } from '../options/options.js';
import { RefreshRotationService } from '../sessions/refresh-rotation.service.js';
import { invalidToken } from '../tokens/token-form.js';
import { RefreshTokens } from '../tokens/refresh-token.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { RouteAnswers } from '../transport/route-answers.js';
import { requestInfoOf } from '../transport/request-info.js';
import { ClientAuthentication } from './client-authentication.js';
import { MachineTokens } from './machine-tokens.js';
import { isConfidential, type OAuthClient } from './oauth-client.js';
import { OAuthExceptionFilter } from './oauth-exception.filter.js';
import { readForm, requestedScopes, required, type OAuthForm } from './oauth-form.js';
import { OAuthError } from './oauth.errors.js';
import { SessionScopes } from './session-scopes.js';

/** RFC 6749 section 5.1. */
export interface OAuthTokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly refresh_token?: string;
  /** Absent where the token was granted what was asked for. */
  readonly scope?: string;
}

/** The token endpoint (RFC 6749 section 3.2): it refreshes sessions and issues machine tokens. */
@UseFilters(OAuthExceptionFilter)
export class TokenController {
  constructor(
    @Inject(ClientAuthentication) private readonly clients: ClientAuthentication,
    @Inject(MachineTokens) private readonly machineTokens: MachineTokens,
    @Inject(RefreshTokens) private readonly refreshTokens: RefreshTokens,
    @Inject(AuthClock) private readonly clock: AuthClock,
    @Inject(AUTH_POLICY) private readonly policy: Pick<AuthPolicy, 'audience'>,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(RouteAnswers) private readonly answers: RouteAnswers,
    @Inject(OAuthExceptionFilter) private readonly errors: OAuthExceptionFilter,
    @Inject(SessionScopes) private readonly scopes: SessionScopes,
    // Absent where no sessions are kept.
    @Optional() @Inject(RefreshRotationService) private readonly rotation?: RefreshRotationService,
  ) {}

  @Public()
  @Post('token')
  @HttpCode(200)
  token(@Body() body: unknown, @Req() request: IncomingRequest, @Res() response: object): Promise<void> {
    const refuse = (error: unknown): void => this.errors.answer(error, response);
    return this.answers.send(response, () => this.answer(body, request, response), refuse);
  }

  private async answer(body: unknown, request: IncomingRequest, response: object): Promise<OAuthTokenAnswer> {
    const form = readForm(request.headers['content-type'], body);
    const grantType = required(form, 'grant_type');
    const client = await this.clients.authenticate(request, form);
    const answer = await this.grant(grantType, client, form, request);
    // RFC 6749 section 5.1.
    this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
    return answer;
  }

  private grant(
    grantType: string,
    client: OAuthClient,
    form: OAuthForm,
    request: IncomingRequest,
  ): Promise<OAuthTokenAnswer> {
    if (grantType === 'refresh_token' && this.rotation) return this.refresh(client, form, request);
    if (grantType === 'client_credentials') return this.machine(client, form);
    throw new OAuthError('unsupported_grant_type', 'This grant_type is not supported here.');
  }

  /** RFC 6749 section 6. All that can be refused is refused before the session advances. */
  private async refresh(client: OAuthClient, form: OAuthForm, request: IncomingRequest): Promise<OAuthTokenAnswer> {
    const given = required(form, 'refresh_token');
    const token = this.refreshTokens.readSigned(given, this.clock.now());
    // The token is bound to its client (RFC 6749 section 10.4); a foreign one changes nothing.
    if (token.client_id !== client.id) throw invalidToken('was issued to another client');
    // All tokens of sessions have one audience; none is handed out for another resource than the one asked for.
    audienceOf(this.policy, form);
    const asked = requestedScopes(form);
    if (asked) await this.scopes.refuseWider(token, asked);
    const idempotencyKey = request.headers['idempotency-key'] as string | undefined;
    const grant = await this.rotation!.refresh(given, { idempotencyKey, scope: asked, ...requestInfoOf(request) });
    // The client had cookies when the session was opened: its tokens never stand where a script can read them.
    if (grant.transport === 'cookie') {
      throw new OAuthError('unauthorized_client', 'The session has its tokens in cookies.');
    }
    return {
      access_token: grant.accessToken,
      token_type: 'Bearer',
      expires_in: grant.expiresIn,
      refresh_token: grant.refreshToken,
      ...(asked && { scope: asked.join(' ') }),
    };
  }

  /** RFC 6749 section 4.4, for clients that can prove who they are. */
  private async machine(client: OAuthClient, form: OAuthForm): Promise<OAuthTokenAnswer> {
    if (!isConfidential(client)) {
      throw new OAuthError('unauthorized_client', 'Only a client with credentials may use client_credentials.');
    }
    const asked = requestedScopes(form);
    const wider = asked?.find((scope) => !client.scopes.includes(scope));
    if (wider !== undefined) throw new OAuthError('invalid_scope', `The client may not have the scope ${wider}.`);
    const scopes = asked ?? client.scopes;
    const { accessToken, expiresIn } = await this.machineTokens.issue({
      clientId: client.id,
      scopes,
      audience: audienceOf(client, form),
    });
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expiresIn,
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    };
  }
}

/**
 * RFC 8707 section 2: the one resource that is asked for, out of those the client may use.
 * @throws OAuthError `invalid_target`
 */
function audienceOf({ audience }: Pick<OAuthClient, 'audience'>, form: OAuthForm): readonly string[] {
  const resource = form.get('resource');
  if (resource === undefined) return audience;
  if (audience.includes(resource)) return [resource];
  throw new OAuthError('invalid_target', 'The client may not use this resource.');
}

import { Body, HttpCode, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Public } from '../decorators/access.decorators.js';
import { revocableOf } from '../revocation/revocable.js';
import { Revocations } from '../revocation/revocations.js';
import { endOf, staleKnowledge } from '../sessions/session-errors.js';
import { GenerationStore, TokenRepository } from '../sessions/token.repository.js';
import { isMachine, type AccessTokenClaims } from '../tokens/claims-rules.js';
import { hashSecret } from '../tokens/refresh-token.js';
import type { IncomingRequest } from '../transport/request-context.js';
import { RouteAnswers } from '../transport/route-answers.js';
import { ClientAuthentication } from './client-authentication.js';
import type { OAuthClient } from './oauth-client.js';
import { OAuthExceptionFilter } from './oauth-exception.filter.js';
import { readForm, required } from './oauth-form.js';
import { PresentedTokens } from './presented-tokens.js';

/** RFC 7662 section 2.2; of a token that is not active nothing but that is told. */
export type IntrospectionAnswer =
  | { readonly active: false }
  | {
      readonly active: true;
      readonly scope?: string;
      readonly client_id: string;
      readonly sub: string;
      readonly aud: string | readonly string[];
      readonly iss: string;
      readonly exp: number;
      readonly iat: number;
      readonly token_type: 'Bearer' | 'refresh_token';
      readonly sid: string;
      readonly auth_time?: number;
      readonly amr?: readonly string[];
      readonly acr?: string;
    };

const INACTIVE = { active: false } as const;

/** The introspection endpoint (RFC 7662), for clients that can prove who they are. */
@UseFilters(OAuthExceptionFilter)
export class IntrospectionController {
  constructor(
    @Inject(ClientAuthentication) private readonly clients: ClientAuthentication,
    @Inject(PresentedTokens) private readonly tokens: PresentedTokens,
    @Inject(GenerationStore) private readonly store: GenerationStore,
    /** Null where the strategy keeps no sessions. */
    @Inject(TokenRepository) private readonly repository: TokenRepository | null,
    @Inject(Revocations) private readonly revocations: Revocations,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(RouteAnswers) private readonly answers: RouteAnswers,
    @Inject(OAuthExceptionFilter) private readonly errors: OAuthExceptionFilter,
  ) {}

  @Public()
  @Post('introspect')
  @HttpCode(200)
  introspect(@Body() body: unknown, @Req() request: IncomingRequest, @Res() response: object): Promise<void> {
    const work = async (): Promise<IntrospectionAnswer> => {
      const form = readForm(request.headers['content-type'], body);
      const client = await this.clients.authenticateConfidential(request, form);
      const answer = await this.answer(required(form, 'token'), client);
      this.host.httpAdapter.setHeader(response, 'Cache-Control', 'no-store');
      return answer;
    };
    return this.answers.send(response, work, (error) => this.errors.answer(error, response));
  }

  private async answer(token: string, client: OAuthClient): Promise<IntrospectionAnswer> {
    const access = this.tokens.goodAccessToken(token);
    return access ? this.ofAccessToken(access, client) : this.ofRefreshToken(token, client);
  }

  /** Only a client that the token is for may ask about it (RFC 7662 section 2.1). */
  private async ofAccessToken(claims: AccessTokenClaims, client: OAuthClient): Promise<IntrospectionAnswer> {
    const audiences: readonly unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
    if (!client.audience.some((name) => audiences.includes(name))) return INACTIVE;
    if (this.revocations.check(revocableOf(claims))) return INACTIVE;
    // A list that is too old cannot say "active", and "inactive" would be a guess.
    if (this.revocations.isStale()) throw staleKnowledge();
    if (!(await this.isAlive(claims))) return INACTIVE;
    return {
      active: true,
      ...(typeof claims.scope === 'string' && { scope: claims.scope }),
      client_id: claims.client_id,
      sub: claims.sub,
      aud: claims.aud,
      iss: claims.iss,
      exp: claims.exp,
      iat: claims.iat,
      token_type: 'Bearer',
      sid: claims.sid,
      ...(!isMachine(claims) && { auth_time: claims.auth_time }),
      ...(claims.amr && { amr: claims.amr }),
      // RFC 9470 section 6.2.
      ...(claims.acr !== undefined && { acr: claims.acr }),
    };
  }

  private async isAlive(claims: AccessTokenClaims): Promise<boolean> {
    const { sub, sid, gen } = revocableOf(claims);
    if (isMachine(claims)) return (await this.store.generationOf(sub)) <= gen;
    if (!this.repository) return true;
    return endOf(await this.repository.find(sub, sid), gen) === null;
  }

  /** Reads the record and nothing else: to ask must not advance, replay or raise an alarm. */
  private async ofRefreshToken(token: string, client: OAuthClient): Promise<IntrospectionAnswer> {
    const claims = this.tokens.refreshToken(token);
    if (!this.repository || claims?.client_id !== client.id || this.revocations.check(claims)) return INACTIVE;
    const found = await this.repository.find(claims.sub, claims.sid);
    const { record } = found;
    const isCurrent = record?.seq === claims.seq && record.secretHash === hashSecret(claims.sec);
    if (!isCurrent || endOf(found, claims.gen) !== null) return INACTIVE;
    return {
      active: true,
      client_id: claims.client_id,
      sub: claims.sub,
      aud: claims.aud,
      iss: claims.iss,
      exp: record.idleEnd / 1000,
      iat: claims.iat,
      token_type: 'refresh_token',
      sid: claims.sid,
      auth_time: record.authTime,
      amr: record.amr,
    };
  }
}

import { Controller, Delete, Get, Inject, Param, Query, Req, UseFilters, UsePipes } from '@nestjs/common';
import { ApiParam, ApiTags } from '../../openapi/swagger-metadata.js';
import {
  AuthError,
  AuthExceptionFilter,
  requestInfoOf,
  RequireLiveSession,
  RequireRecentAuth,
  RequireRole,
  SessionService,
  TokenRepository,
  type IncomingRequest,
  type SessionRecord,
} from '../../index.js';
import { SESSION_ID, sessionView } from '../../internal.js';
import { ADMIN } from '../accounts/account-changes.js';
import { cursorOf, pageOf, placeOf } from '../accounts/page.js';
import { isUserId } from '../accounts/user.js';
import { UsersService } from '../accounts/users.service.js';
import { timelineOf } from '../why/timeline.js';
import { AdminSessionsAnswer, TimelineAnswer } from './admin-session-answers.js';
import { ApiCall, STORE } from './api-call.decorator.js';
import { BodyPipe } from './body.pipe.js';
import { PageQuery, pageRequestOf, TimelineQuery } from './queries.js';

const noUser = (): AuthError => new AuthError('not_found', 'There is no such user.');
const noSession = (): AuthError => new AuthError('not_found', 'The user has no such session.');

/** In order of their logins; some logins may share a millisecond. */
const LIST = 'sessions';
const placeIn = ({ createdAt, sid }: SessionRecord): readonly [string, string] => [String(createdAt), sid];
const isBehind = ({ createdAt, sid }: SessionRecord, at: number, last: string): boolean =>
  createdAt > at || (createdAt === at && sid > last);

/** What administrators see and do of single sessions. Only where sessions are kept. */
@ApiTags('admin')
@RequireRole(ADMIN)
@UseFilters(AuthExceptionFilter)
@UsePipes(BodyPipe)
@Controller('admin')
export class AdminSessionsController {
  constructor(
    @Inject(UsersService) private readonly users: UsersService,
    @Inject(SessionService) private readonly sessions: SessionService,
    @Inject(TokenRepository) private readonly repository: TokenRepository,
  ) {}

  @Get('users/:id/sessions')
  @ApiParam({ name: 'id', type: 'string', description: 'The account.' })
  @ApiCall({
    id: 'userSessions',
    summary: 'The sessions of an account that are alive, the oldest first; page by page',
    answer: AdminSessionsAnswer,
    errors: ['invalid_request', 'not_found', ...STORE],
    bearer: true,
  })
  async list(@Param('id') id: string, @Query() query: PageQuery): Promise<AdminSessionsAnswer> {
    const { limit, after } = pageRequestOf(query);
    const place = placeOf(LIST, after, [/^\d{1,16}$/, SESSION_ID]);
    const user = await this.users.findById(id);
    if (!user) throw noUser();
    const all = [...(await this.sessions.list(user.id))].sort((a, b) => (isBehind(a, b.createdAt, b.sid) ? 1 : -1));
    const rest = place ? all.filter((session) => isBehind(session, Number(place[0]), place[1]!)) : all;
    const { items, next } = pageOf(rest, limit, (last) => cursorOf(LIST, placeIn(last)));
    return { sessions: items.map(viewOf), ...(next !== undefined && { next }) };
  }

  @RequireRecentAuth('15m')
  @RequireLiveSession()
  @Delete('users/:id/sessions/:sid')
  @ApiParam({ name: 'id', type: 'string', description: 'The account.' })
  @ApiParam({ name: 'sid', type: 'string', description: 'The session.' })
  @ApiCall({
    id: 'endUserSession',
    summary: 'End one session of an account, and its access tokens',
    errors: ['not_found', 'insufficient_user_authentication', ...STORE],
    bearer: true,
  })
  async end(@Param('id') id: string, @Param('sid') sid: string, @Req() request: IncomingRequest): Promise<void> {
    if (!isUserId(id)) throw noUser();
    if (!SESSION_ID.test(sid)) throw noSession();
    const sub = id.toLowerCase();
    const { record, ended } = await this.repository.find(sub, sid);
    // One that was ended so before is ended again: a first call may have been cut off before it was announced.
    if (!record && ended !== 'session_revoked') throw noSession();
    await this.sessions.revoke(sub, sid, { ...requestInfoOf(request), cause: 'administrator' });
  }

  /** Of a deleted account too, as long as its sessions are remembered. */
  @Get('sessions/:sid/timeline')
  @ApiParam({ name: 'sid', type: 'string', description: 'The session.' })
  @ApiCall({
    id: 'sessionTimeline',
    summary: 'What happened to a session, what ended it, and what happened to others of its user until then',
    answer: TimelineAnswer,
    errors: ['invalid_request', 'not_found', ...STORE],
    bearer: true,
  })
  async timeline(@Param('sid') sid: string, @Query() { user }: TimelineQuery): Promise<TimelineAnswer> {
    if (!SESSION_ID.test(sid) || !isUserId(user)) throw noSession();
    const sub = user.toLowerCase();
    const [found, { sessions }, past] = await Promise.all([
      this.repository.find(sub, sid),
      this.repository.list(sub),
      this.repository.history(sub),
    ]);
    const timeline = timelineOf(sid, { found, sessions, past });
    if (!timeline) throw noSession();
    return timeline;
  }
}

function viewOf(session: SessionRecord) {
  const { current: _, ...view } = sessionView(session, '');
  return view;
}

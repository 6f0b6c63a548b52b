import { SessionFields } from '../../openapi/answers.js';
import { ApiProperty, ApiSchema } from '../../openapi/swagger-metadata.js';
import type { Timeline, TimelineEvent } from '../why/timeline.js';
import { Next, Seconds, Text } from './answers.js';

const MaybeText = (description: string): PropertyDecorator =>
  ApiProperty({ type: 'string', required: false, description });

@ApiSchema({ name: 'AdminSession' })
export class AdminSessionView extends SessionFields {}

@ApiSchema({ name: 'AdminSessions' })
export class AdminSessionsAnswer {
  @ApiProperty({ type: AdminSessionView, isArray: true })
  readonly sessions!: readonly AdminSessionView[];

  @Next()
  readonly next?: string;
}

@ApiSchema({ name: 'TimelineEvent' })
export class TimelineEventView implements TimelineEvent {
  @Seconds('When; of refreshes the last one.')
  readonly at!: number;

  @ApiProperty({ type: 'string', enum: ['session.opened', 'session.refreshed', 'session.ended'] })
  readonly event!: TimelineEvent['event'];

  @Text('The session: also others of the same user.')
  readonly session_id!: string;

  @MaybeText('Of a login: the kind of client.')
  readonly client_id?: string;

  @MaybeText('Of a login: as the client named the device.')
  readonly device_name?: string;

  @MaybeText('Of a login: as the client told it.')
  readonly user_agent?: string;

  @MaybeText('Where the login, or the request that ended the session, came from.')
  readonly ip?: string;

  @ApiProperty({ type: 'integer', required: false, description: 'How often it was refreshed.' })
  readonly refreshes?: number;

  @MaybeText('Of an end: the code that its owner is told.')
  readonly reason?: string;

  @MaybeText('Of an end: how it came about, finer than the reason.')
  readonly cause?: string;

  @ApiProperty({ type: 'integer', required: false, description: 'Of a token that was used again: rotations behind.' })
  readonly rotations_behind?: number;

  @Seconds('Of a token that was used again: for how many seconds it had been spent.', false)
  readonly spent_for?: number;
}

@ApiSchema({ name: 'Timeline' })
export class TimelineAnswer implements Timeline {
  @Text('The session.')
  readonly session_id!: string;

  @ApiProperty({ type: 'string', enum: ['alive', 'ended'] })
  readonly state!: Timeline['state'];

  @MaybeText('What ended it, for people.')
  readonly explanation?: string;

  @MaybeText('What to do about it.')
  readonly advice?: string;

  @ApiProperty({ type: TimelineEventView, isArray: true, description: 'The earliest first.' })
  readonly events!: readonly TimelineEventView[];
}

import { Body, Controller, Post, Sse, type MessageEvent } from '@nestjs/common';
import { AuthError, CurrentSession, type AuthSession } from 'keyturn';
import { finalize, interval, map, type Observable } from 'rxjs';

@Controller('prices')
export class PricesController {
  private readonly open = new Map<string, AuthSession>();

  /** Ends with the session of its reader, and says why in a last event `exception`. */
  @Sse()
  prices(@CurrentSession() session: AuthSession): Observable<MessageEvent> {
    this.open.set(session.id, session);
    return interval(50).pipe(
      map((tick) => ({ data: { tick, sub: session.sub } })),
      finalize(() => this.open.delete(session.id)),
    );
  }

  /** A page that has a fresh token gives it here, so that its stream goes on beyond the end of the old one. */
  @Post('token')
  async extend(@CurrentSession() { id }: AuthSession, @Body() body: { access_token: string }): Promise<object> {
    const session = this.open.get(id);
    if (!session) throw new AuthError('not_found', 'There is no open stream of this session.');
    await session.refresh(body.access_token);
    return { extended: true };
  }
}

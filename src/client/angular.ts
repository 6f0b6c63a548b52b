import { from, lastValueFrom, type Observable } from 'rxjs';
import type { Session } from './session.types.js';

/** The part of Angular's `HttpRequest` that is used. */
interface RequestLike {
  readonly url: string;
  readonly method: string;
  readonly urlWithParams: string;
  clone(update: { setHeaders: Record<string, string>; withCredentials?: boolean }): unknown;
}

/** What Angular's `HttpResponse` and `HttpErrorResponse` have in common. */
interface AnswerLike {
  readonly status: number;
  readonly url: string | null;
  readonly error?: unknown;
  readonly headers: { keys(): string[]; get(name: string): string | null };
}

/**
 * An interceptor that sends the requests of `HttpClient` by the session. Events of progress do not pass it.
 *
 * @example
 * ```ts
 * provideHttpClient(withInterceptors([sessionInterceptor(session)]));
 * ```
 */
export const sessionInterceptor =
  (session: Pick<Session, 'wrap'>) =>
  <Request extends RequestLike, Event>(
    request: Request,
    next: (request: Request) => Observable<Event>,
  ): Observable<Event> => {
    let answer: AnswerLike | undefined;
    let failed = false;
    const send = session.wrap(async (_, init) => {
      const authorization = new Headers(init?.headers).get('authorization');
      const sent = request.clone({
        setHeaders: authorization ? { authorization } : {},
        ...(init?.credentials && { withCredentials: init.credentials === 'include' }),
      }) as Request;
      answer = await lastValueFrom(next(sent)).then(
        (event) => ((failed = false), event as AnswerLike),
        (error: AnswerLike) => ((failed = true), error),
      );
      const { status, headers, url, error } = answer;
      // Without an answer, such as without a network.
      if (!status) throw error;
      const body = error === undefined ? null : typeof error === 'string' ? error : JSON.stringify(error);
      const list = headers.keys().map((name): [string, string] => [name, headers.get(name)!]);
      return Object.defineProperty(new Response(body, { status, headers: list }), 'url', { value: url });
    });
    return from(
      send(request.urlWithParams).then(
        () => (failed ? Promise.reject(answer as unknown as Error) : (answer as Event)),
        (error: unknown) => Promise.reject((failed ? answer : error) as Error),
      ),
    );
  };

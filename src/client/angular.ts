import { fromEvent, lastValueFrom, Observable, takeUntil } from 'rxjs';
import type { Session } from './session.types.js';

/** The part of Angular's `HttpRequest` that is used. */
interface RequestLike {
  readonly url: string;
  readonly method: string;
  readonly urlWithParams: string;
  readonly responseType: string;
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
  ): Observable<Event> =>
    // Nothing is sent before somebody subscribes, each subscription sends, and its end cancels.
    new Observable((subscriber) => {
      const cancelled = new AbortController();
      const { signal } = cancelled;
      let answer: AnswerLike | undefined;
      let failed = false;
      const send = session.wrap(async (_, init) => {
        const authorization = new Headers(init?.headers).get('authorization');
        const sent = request.clone({
          setHeaders: authorization ? { authorization } : {},
          ...(init?.credentials && { withCredentials: init.credentials === 'include' }),
        }) as Request;
        answer = await lastValueFrom(next(sent).pipe(takeUntil(fromEvent(signal, 'abort')))).then(
          (event) => ((failed = false), event as AnswerLike),
          (error: AnswerLike) => ((failed = true), error),
        );
        const { status, headers, url, error } = answer;
        // Without an answer, such as without a network.
        if (!status) throw error;
        // As `responseType` says, an error too is an object, a text, a Blob or an ArrayBuffer.
        const isText = request.responseType !== 'json' || typeof error === 'string';
        const body = error == null || isText ? error : JSON.stringify(error);
        const list = headers.keys().map((name): [string, string] => [name, headers.get(name)!]);
        const response = new Response(body as string | Blob | null, { status, headers: list });
        return Object.defineProperty(response, 'url', { value: url });
      });
      send(request.urlWithParams, { signal }).then(
        () => {
          if (failed) return subscriber.error(answer);
          subscriber.next(answer as Event);
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(failed ? answer : error),
      );
      return () => cancelled.abort();
    });

import {
  Catch,
  Inject,
  Injectable,
  Optional,
  type ArgumentsHost,
  type ExceptionFilter,
  type HttpException,
  type Type,
} from '@nestjs/common';
import { FILTER_CATCH_EXCEPTIONS } from '@nestjs/common/constants.js';
import { ApplicationConfig, BaseExceptionFilter, HttpAdapterHost } from '@nestjs/core';
import { throwError } from 'rxjs';
import { AuthError } from '../auth.errors.js';
import { ErrorTranslator } from './error-translator.js';

/**
 * Sees every {@link AuthError} that the guard throws or a handler lets through before the filters of the host do: it sets
 * the headers that go with the error. Then the host's own filter writes the answer, be it one for everything; where the
 * host has none, the answer is that of Keyturn.
 */
@Catch(AuthError)
export class AuthExceptionFilter implements ExceptionFilter<AuthError> {
  /** By response: the error that a filter of the host was given. */
  private readonly handedOn = new WeakMap<object, AuthError>();

  constructor(
    @Inject(ErrorTranslator) private readonly translator: ErrorTranslator,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Optional() @Inject(ApplicationConfig) private readonly application?: ApplicationConfig,
  ) {}

  /**
   * Over HTTP it waits for nothing: what a filter of the host throws must reach Nest, which answers it. After a wait nobody
   * would catch it, and it would end the process.
   */
  catch(error: AuthError, host: ArgumentsHost): unknown {
    return host.getType() === 'http' ? this.answer(error, host) : this.tell(error, host);
  }

  /** Writes Keyturn's own answer, whatever filters the host has. */
  write(error: AuthError, response: object): void {
    this.reply(response, this.translator.ofRoute(error, response));
  }

  private answer(thrown: AuthError, host: ArgumentsHost): unknown {
    const response = host.getArgByIndex<object>(1);
    const exception = this.translator.ofRoute(thrown, response);
    // The one that Nest would ask next: of the global ones the last that is for this error.
    const filters = this.application?.getGlobalFilters() ?? [];
    const filter = filters.findLast(
      (other) => !(other instanceof AuthExceptionFilter) && given(other, thrown, exception),
    );
    // Who hands it back leaves the answer to Keyturn.
    if (!filter || this.handedOn.get(response) === thrown) return this.reply(response, exception);
    this.handedOn.set(response, thrown);
    const written: unknown = filter.catch(given(filter, thrown, exception), host);
    if (!(written instanceof Promise)) return written;
    // Nest lets the rejection of a filter end the process.
    return written.catch((fault: unknown) => new BaseExceptionFilter(this.host.httpAdapter).catch(fault, host));
  }

  /** What a filter of the host is given in place of what was thrown: over HTTP an answer whose headers are set. */
  givenTo(filter: ExceptionFilter, thrown: unknown, host: ArgumentsHost): unknown {
    if (!(thrown instanceof AuthError) || host.getType() !== 'http') return thrown;
    return given(filter, thrown, this.translator.ofRoute(thrown, host.getArgByIndex<object>(1)));
  }

  /** The headers are set already. */
  private reply(response: object, exception: HttpException): void {
    const { httpAdapter } = this.host;
    if (!httpAdapter.isHeadersSent(response))
      httpAdapter.reply(response, exception.getResponse(), exception.getStatus());
  }

  private async tell(error: AuthError, host: ArgumentsHost): Promise<unknown> {
    const exception = await this.translator.translate(error, host);
    const kind = host.getType<string>();
    if (kind === 'rpc') return throwError(() => exception);
    return kind === 'ws' ? this.emit(exception, host) : exception;
  }

  /** Nest's own way of telling a socket, since a filter's result goes nowhere there. */
  private async emit(exception: Error, host: ArgumentsHost): Promise<void> {
    const { BaseWsExceptionFilter } = await import('@nestjs/websockets');
    new BaseWsExceptionFilter().catch(exception, host);
  }
}

/** What a filter of the host is for: the answer to an error, the error itself, or neither. */
function given(filter: ExceptionFilter, error: AuthError, exception: HttpException): HttpException | undefined {
  const caught = (Reflect.getMetadata(FILTER_CATCH_EXCEPTIONS, filter.constructor) ?? []) as readonly Type[];
  if (caught.length === 0 || caught.some((type) => exception instanceof type)) return exception;
  return caught.some((type) => error instanceof type) ? error : undefined;
}

/**
 * Has Nest ask {@link AuthExceptionFilter} before all other global filters. Without it, whether a filter of the host for
 * everything sees an {@link AuthError} first depends on the order of the imports of two modules. A filter that is made for
 * each request is asked before those all the same, so it is given what the others are.
 */
@Injectable()
export class FilterOrder {
  constructor(
    @Inject(ApplicationConfig) application: ApplicationConfig,
    @Inject(AuthExceptionFilter) filter: AuthExceptionFilter,
  ) {
    const registered = application.getGlobalFilters.bind(application);
    // Nest asks the last one first.
    application.getGlobalFilters = () => [...registered().filter((other) => other !== filter), filter];
    const scoped = application.getGlobalRequestFilters.bind(application);
    application.getGlobalRequestFilters = () => scoped().map((wrapper) => givingTo(wrapper, filter));
  }
}

type ScopedFilter = ReturnType<ApplicationConfig['getGlobalRequestFilters']>[number];

/** Nest's record of a filter that is made for each request; what is made has a `catch()` that is given the answer. */
function givingTo(wrapper: ScopedFilter, auth: AuthExceptionFilter): ScopedFilter {
  const getInstanceByContextId: ScopedFilter['getInstanceByContextId'] = (...which) => {
    const made = wrapper.getInstanceByContextId(...which);
    const filter: ExceptionFilter | undefined = made?.instance;
    if (!filter) return made;
    const filtering = (thrown: unknown, host: ArgumentsHost): unknown =>
      filter.catch(auth.givenTo(filter, thrown, host), host);
    return under(made, { instance: under(filter, { catch: filtering }) });
  };
  return under(wrapper, { getInstanceByContextId });
}

/** An object with some members of its own, and all others of another one. */
const under = <Of extends object>(other: Of, members: Partial<Of>): Of =>
  Object.assign(Object.create(other) as Of, members);

import { AuthError } from './auth.errors.js';
import { formatTraceparent, readTraceparent } from './auth.traceparent.js';

/*
 * Spans for OpenTelemetry, by `@opentelemetry/api` where it is installed. Its types are written down here as far as they are
 * used: a host need not have it. The package keeps its state for the whole process, and so does this file.
 */

/** A span that is recorded. */
export interface TraceSpan {
  setAttributes(attributes: SpanAttributes): unknown;
  setAttribute(name: string, value: string | number): unknown;
}

/** By the names of OpenTelemetry's semantic conventions, or with `keyturn.` before them. Never a token or an address. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** `SpanKind` of the package. */
export const SPAN_KIND = { internal: 0, client: 2, producer: 3, consumer: 4 } as const;
/** `SpanStatusCode` of the package. */
const ERROR = 2;

/** What a span is made with. */
export interface SpanRequest {
  /** Default internal. */
  readonly kind?: (typeof SPAN_KIND)[keyof typeof SPAN_KIND];
  readonly attributes?: SpanAttributes;
  /** The header of the request: its parent where nothing else in this process is. */
  readonly traceparent?: unknown;
  /** Whether it begins a trace of its own. */
  readonly isRoot?: boolean;
}

interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

interface ApiSpan extends TraceSpan {
  isRecording(): boolean;
  setStatus(status: { readonly code: number; readonly message?: string }): unknown;
  end(): void;
  spanContext(): SpanContext;
}

type Context = object;

interface OpenTelemetry {
  readonly context: { active(): Context; with<T>(context: Context, work: () => T): T };
  readonly ProxyTracerProvider: new () => TracerProvider;
  readonly trace: {
    getTracerProvider(): TracerProvider;
    getTracer(name: string): {
      startSpan(name: string, options: object, context: Context): ApiSpan;
    };
    getSpan(context: Context): ApiSpan | undefined;
    setSpan(context: Context, span: ApiSpan): Context;
    setSpanContext(context: Context, of: SpanContext & { readonly isRemote: true }): Context;
  };
}

interface TracerProvider {
  /** The SDK's, where one is registered. One that is no proxy has none. */
  getDelegate?(): object;
}

interface Tracing {
  readonly api: OpenTelemetry;
  /** What stands in the place of the SDK where there is none. */
  readonly nothing: object | undefined;
  readonly tracer: ReturnType<OpenTelemetry['trace']['getTracer']>;
}

let tracing: Tracing | null = null;

/**
 * Looks for the package, at a start: nothing is looked for afterwards. An SDK may be registered before or later.
 * @returns whether it is there
 */
export async function loadTracing(): Promise<boolean> {
  if (tracing) return true;
  const api = (await import('@opentelemetry/api').catch(() => null)) as OpenTelemetry | null;
  // Its tracer hands on to whatever SDK there is when a span is made.
  const nothing = api && new api.ProxyTracerProvider().getDelegate?.();
  tracing = api && { api, nothing: nothing ?? undefined, tracer: api.trace.getTracer('keyturn') };
  return tracing !== null;
}

/**
 * Runs something in a span, where there is OpenTelemetry; else it just runs it. What it throws is thrown on: a fault is the
 * span's error, a refusal (an {@link AuthError} below 500) is an answer, and stands in `keyturn.refusal`.
 *
 * @param work gets the span where it is recorded
 * @example
 * ```ts
 * return traced('keyturn.refresh', { traceparent }, (span) => this.rotate(token, span));
 * ```
 */
export function traced<T>(name: string, request: SpanRequest, work: (span?: TraceSpan) => Promise<T>): Promise<T> {
  return tracing && hasSdk(tracing) ? inSpan(tracing, name, request, work) : work();
}

/** Spans that nobody gets cost 2.5 µs each, this 0.1 µs. */
const hasSdk = ({ api, nothing }: Tracing): boolean => {
  const delegate = api.trace.getTracerProvider().getDelegate?.();
  return delegate === undefined || delegate !== nothing;
};

async function inSpan<T>(
  { api, tracer }: Tracing,
  name: string,
  { kind = SPAN_KIND.internal, attributes, traceparent, isRoot }: SpanRequest,
  work: (span?: TraceSpan) => Promise<T>,
): Promise<T> {
  const { context, trace } = api;
  const parent = parentOf(api, traceparent);
  const span = tracer.startSpan(name, { kind, attributes, root: isRoot }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span.isRecording() ? span : undefined));
  } catch (error) {
    noteFailure(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** An HTTP instrumentation has read the header already; where there is none, it is read here. */
function parentOf({ context, trace }: OpenTelemetry, traceparent: unknown): Context {
  const active = context.active();
  const remote = trace.getSpan(active) ? undefined : readTraceparent(traceparent);
  return remote ? trace.setSpanContext(active, { ...remote, isRemote: true }) : active;
}

/** No message and no stack: those of a host's own errors may hold anything. */
function noteFailure(span: ApiSpan, error: unknown): void {
  if (error instanceof AuthError && error.getStatus() < 500) {
    span.setAttribute('keyturn.refusal', error.code);
    return;
  }
  const type = error instanceof AuthError ? error.code : error instanceof Error ? error.name : '_OTHER';
  span.setAttribute('error.type', type);
  span.setStatus({ code: ERROR, message: type });
}

/**
 * Where the request that is answered now stands in a trace, for logs: the span that is active, else what its header says.
 * @param header `traceparent`, as it came
 */
export function traceparentOf(header: unknown): string | undefined {
  const active = tracing?.api.trace.getSpan(tracing.api.context.active())?.spanContext();
  // A span that came of nothing has zeros, which are no traceparent.
  const known = (active && readTraceparent(formatTraceparent(active))) ?? readTraceparent(header);
  return known && formatTraceparent(known);
}

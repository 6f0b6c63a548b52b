import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

/** A span, as a test looks at it. */
export interface SeenSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** 0: unset, 2: an error. */
  readonly status: number;
  readonly events: number;
}

/** OpenTelemetry's own SDK, for the process, with spans kept in memory. */
export function startSdk() {
  const exporter = new InMemorySpanExporter();
  const contexts = new AsyncLocalStorageContextManager();
  context.setGlobalContextManager(contexts.enable());
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  return {
    /** Those that have ended since the last look, in the order of their ends. */
    take: (): SeenSpan[] => {
      const spans = exporter.getFinishedSpans().map((span) => ({
        name: span.name,
        kind: span.kind,
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentId: span.parentSpanContext?.spanId,
        attributes: { ...span.attributes },
        status: span.status.code,
        events: span.events.length,
      }));
      exporter.reset();
      return spans;
    },
    stop: () => {
      trace.disable();
      context.disable();
      contexts.disable();
    },
  };
}

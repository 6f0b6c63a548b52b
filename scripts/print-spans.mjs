// node --import ./scripts/print-spans.mjs program.js    prints each span's name on a line `span: <name>`, as an operator's SDK
//                                                    would send it
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { trace } from '@opentelemetry/api';

const exporter = {
  export(spans, done) {
    for (const { name } of spans) console.log(`span: ${name}`);
    done({ code: 0 });
  },
  shutdown: async () => undefined,
};
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));

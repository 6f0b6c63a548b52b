import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMetrics, type Sample } from './support/metrics.js';
import { startService } from './support/service.js';
import { root } from './support/source-imports.js';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const rules = read('ops/prometheus/keyturn.rules.yml');
const guide = read('docs/operations.md');
const dashboard = JSON.parse(read('ops/grafana/keyturn.json')) as {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
};

const alerts = rules
  .split(/^ {6}- alert: /m)
  .slice(1)
  .map((rule) => ({ name: rule.slice(0, rule.indexOf('\n')), expr: /^ {8}expr: (.+)$/m.exec(rule)?.[1] ?? '' }));
const queries = [
  ...alerts,
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ name: title, expr }))),
];

/** What Prometheus adds to each sample itself. */
const ADDED = new Set(['instance', 'job']);
const OF_PROMETHEUS = new Set(['up']);
/** The words of PromQL that are used here. */
const WORDS = new Set([
  'sum',
  'rate',
  'increase',
  'count',
  'max',
  'abs',
  'by',
  'and',
  'or',
  'unless',
  'offset',
  'histogram_quantile',
]);

interface Selector {
  readonly metric: string;
  readonly labels: readonly (readonly [label: string, values: readonly string[]])[];
}

function selectorsOf(expr: string): Selector[] {
  const bare = expr
    .replace(/\[[^\]]*\]/g, '')
    .replace(/\bby \([^)]*\)/g, 'by')
    .replace(/\boffset \w+/g, '');
  return [...bare.matchAll(/\b([a-z_]\w*)\b(?!["=])(?:\{([^}]*)\})?/g)]
    .filter(([, name], at, all) => !WORDS.has(name!) && !isInsideLabels(bare, all[at]!.index))
    .map(([, metric, matchers = '']) => ({
      metric: metric!,
      labels: [...matchers.matchAll(/(\w+)=~?"([^"]*)"/g)].map(([, label, values]) => [label!, values!.split('|')]),
    }));
}

const isInsideLabels = (expr: string, at: number): boolean => expr.lastIndexOf('{', at) > expr.lastIndexOf('}', at);
const groupedBy = (expr: string): string[] =>
  [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, labels]) => labels!.split(/, */));

let samples: Sample[];
let families: string[];

beforeAll(async () => {
  const service = await startService();
  const text = (await service.call('/metrics')).body as string;
  await service.stop();
  samples = readMetrics(text);
  families = [...text.matchAll(/^# TYPE (keyturn_\w+) /gm)].map(([, name]) => name!);
});

const named = (metric: string): Sample[] => samples.filter(({ name }) => name === metric);

it.each(queries)('$name: every metric, label and value in its query is one that the service has', ({ expr }) => {
  const selectors = selectorsOf(expr);
  expect(selectors.length).toBeGreaterThan(0);
  for (const { metric, labels } of selectors) {
    if (OF_PROMETHEUS.has(metric)) continue;
    const there = named(metric);
    expect({ metric, samples: there.length > 0 }).toEqual({ metric, samples: true });
    // With its values at the start, since a rise from nothing is none for Prometheus.
    for (const [label, values] of labels) {
      for (const value of values) {
        const found = ADDED.has(label) || there.some((sample) => sample.labels[label] === value);
        expect({ metric, label, value, found }).toEqual({ metric, label, value, found: true });
      }
    }
  }
  for (const label of groupedBy(expr)) {
    const known =
      ADDED.has(label) || selectors.every(({ metric }) => named(metric).some(({ labels }) => label in labels));
    expect({ label, known }).toEqual({ label, known: true });
  }
});

it('each metric of ours is looked at by an alert or a panel, and explained', () => {
  expect(families.length).toBeGreaterThan(9);
  const used = queries.flatMap(({ expr }) => selectorsOf(expr).map(({ metric }) => metric));
  const unused = families.filter(
    (family) => !used.some((metric) => metric === family || metric === `${family}_bucket`),
  );
  expect(unused).toEqual([]);
  expect(families.filter((family) => !guide.includes(`\`${family}`))).toEqual([]);
});

it('each alert says what it is, and the guide what to do', () => {
  expect(alerts.length).toBeGreaterThan(9);
  expect(rules.match(/^ {10}summary: /gm)).toHaveLength(alerts.length);
  expect(alerts.filter(({ name }) => !guide.includes(`| \`${name}\``)).map(({ name }) => name)).toEqual([]);
});

it('the guide explains no metric and no alert that is not there', () => {
  const explained = [...guide.matchAll(/^\| `(keyturn_\w+|Keyturn\w+)/gm)].map(([, name]) => name!);
  expect(explained.filter((name) => ![...families, ...alerts.map((alert) => alert.name)].includes(name))).toEqual([]);
});

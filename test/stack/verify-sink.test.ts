// What somebody does who may do anything at Elasticsearch, and what `botaudit verify --elasticsearch` says of it.
import { type AuditRecord, parseRecord } from '@botaudit/record';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { botaudit, type Ended } from '../../packages/cli/test/support/botaudit.ts';
import { SignedJournal, type SignedStream } from '../../packages/cli/test/support/signed-journal.ts';
import { DocumentWriter } from '../../packages/indexer/src/document/document.ts';
import {
  type Hit,
  type SharedElasticsearch,
  startElasticsearch,
  stopElasticsearch,
  Visitor,
} from './elasticsearches.ts';
import { INDEXER_TOKEN, idOf, setUp, startWriter } from './indexers.ts';

let shared: SharedElasticsearch;
let auditor: { visitor: Visitor; apiKey: string };
let writerKey: string;

beforeAll(async () => {
  shared = await startElasticsearch();
  await setUp(shared.node);
  auditor = await Visitor.withRole(shared.node, 'audit-auditor');
  writerKey = (await Visitor.withRole(shared.node, 'audit-writer')).apiKey;
});
afterAll(() => stopElasticsearch(shared));

/** A finding as `--json` prints it. */
interface Printed {
  readonly stream: string;
  readonly kind: string;
  readonly severity: string;
  readonly message: string;
  readonly number?: number;
}

/** A bot's journal, and the namespace of an Elasticsearch that it is shipped to. */
class Scene {
  readonly journal = new SignedJournal();
  readonly records: string;
  readonly #namespace: string;
  #indexer!: { readonly url: string };

  private constructor(namespace: string) {
    this.#namespace = namespace;
    this.records = `logs-audit.otel-${namespace}`;
    onTestFinished(() => this.journal.remove());
  }

  static async open(namespace: string): Promise<Scene> {
    const scene = new Scene(namespace);
    const env = { BOTAUDIT_INDEXER_NAMESPACE: namespace };
    await setUp(shared.node, { env });
    const tokens = `payments=${INDEXER_TOKEN},till=token-of-the-till`;
    scene.#indexer = await startWriter(shared.node, writerKey, { ...env, BOTAUDIT_INDEXER_TOKENS: tokens });
    return scene;
  }

  /** A process that writes so many records, and ships them with a token. */
  async run(commands: number, token = INDEXER_TOKEN): Promise<SignedStream> {
    const stream = await this.journal.run(commands, { env: { OTEL_SERVICE_NAME: 'payments' } });
    const { code, stderr } = await botaudit(['ship', '--once', '--dir', this.journal.directory], {
      env: {
        OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT: this.#indexer.url,
        OTEL_EXPORTER_OTLP_AUDIT_HEADERS: `authorization=Bearer%20${token}`,
      },
    });
    expect([code, stderr]).toEqual([0, expect.any(String)]);
    await shared.node.request('POST', `/${this.records}/_refresh`);
    return stream;
  }

  /** Verifies with the auditor's key. */
  verify(args: readonly string[] = []): Promise<Ended> {
    const { publicKey } = this.journal.key;
    const common = ['--elasticsearch', shared.node.url, '--namespace', this.#namespace, '--grace', '0'];
    return botaudit(['verify', ...common, '--public-key', publicKey, ...args], {
      env: { BOTAUDIT_ELASTICSEARCH_API_KEY: auditor.apiKey },
    });
  }

  /** The errors that are found, as `kind number`, and all that is said. */
  async errors(args: readonly string[] = []): Promise<{ found: string[]; said: string }> {
    const { stdout, stderr, code } = await this.verify(['--json', ...args]);
    if (stdout === '') throw new Error(stderr);
    const { findings } = JSON.parse(stdout) as { findings: Printed[] };
    const found = findings.filter(({ severity }) => severity === 'error');
    expect(code).toBe(found.length > 0 ? 1 : 0);
    return { found: found.map(({ kind, number }) => `${kind} ${number ?? '-'}`), said: stdout };
  }

  /** The document of a record. */
  async find(line: string | undefined): Promise<Hit> {
    const [hit] = await auditor.visitor.search(this.records, { ids: { values: [idOf(parseRecord(line ?? ''))] } });
    if (!hit) throw new Error('the record is not there');
    return hit;
  }

  /** Does something as the administrator of Elasticsearch. */
  async administer(method: string, path: string, body?: object): Promise<void> {
    const answer = await shared.node.request(method, path, body);
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    await shared.node.request('POST', `/${this.records}/_refresh`);
  }
}

test('what came as it was is authentic, and the same as in the journal; an auditor’s key is all that it takes', async () => {
  const scene = await Scene.open('intact');
  const first = await scene.run(30);
  const second = await scene.run(3);
  const { code, stdout, stderr } = await scene.verify(['--services', 'payments=payments', scene.journal.directory]);
  expect(stderr).toBe('');
  const records = first.records.length + second.records.length;
  const checkpoints = first.checkpoints.length + second.checkpoints.length;
  expect(stdout.trimEnd().split('\n')).toEqual([
    `at the sink: ${records + checkpoints} there`,
    `held against the journal: ${records} the same`,
    expect.stringMatching(
      new RegExp(`^authentic: 2 streams, ${records} records, signed by [0-9a-f]{16} in ${checkpoints} checkpoints$`),
    ),
  ]);
  expect(code).toBe(0);

  // That key is for reading.
  const { _id, _index, _source } = await scene.find(first.records[4]);
  const { visitor } = auditor;
  const refused = async (method: string, path: string, body?: object) =>
    expect([method, path, (await visitor.request(method, path, body)).status]).toEqual([method, path, 403]);
  await refused('POST', `/${scene.records}/_create/another`, _source as object);
  await refused('POST', `/${_index}/_update/${_id}`, { doc: { event_name: 'other' } });
  await refused('DELETE', `/${_index}/_doc/${_id}`);
  await refused('POST', `/${scene.records}/_delete_by_query`, { query: { match_all: {} } });
  await refused('POST', `/${scene.records}/_rollover`);
  await refused('DELETE', `/${_index}`);
  await refused('PUT', '/_security/user/other', { password: 'not-for-the-auditor', roles: ['superuser'] });
  await refused('GET', '/another-index/_search');
  // And the writer's is not for reading: nobody verifies with it.
  const { code: other, stderr: why } = await botaudit(['verify', '--elasticsearch', shared.node.url], {
    env: { BOTAUDIT_ELASTICSEARCH_API_KEY: writerKey },
  });
  expect([other, why]).toEqual([
    2,
    expect.stringMatching(/refuses \(HTTP 403\): give it the key or the user of an auditor/),
  ]);
});

test('a document that was deleted', async () => {
  const scene = await Scene.open('deleted');
  const { records, id } = await scene.run(12);
  const { _index, _id } = await scene.find(records[6]);
  await scene.administer('DELETE', `/${_index}/_doc/${_id}`);
  const { found, said } = await scene.errors([scene.journal.directory]);
  expect(found).toEqual(['removed 7', 'missing 7']);
  expect(said).toContain(
    `"stream":"${id}","number":7,"kind":"removed","severity":"error","message":"record 7: missing"`,
  );
});

test('a field that was edited', async () => {
  const scene = await Scene.open('edited');
  const { records } = await scene.run(12);
  const { _index, _id } = await scene.find(records[6]);
  const doc = { attributes: { 'audit.actor.id': 'telegram:666' } };
  await scene.administer('POST', `/${_index}/_update/${_id}`, { doc });
  const { found, said } = await scene.errors();
  expect(found).toEqual(['changed 7', 'document 7']);
  expect(said).toContain('does not hold the record that its id says');
});

test('the last record of all, edited and put there anew under the id that fits', async () => {
  const scene = await Scene.open('reindexed');
  const { records } = await scene.run(12);
  const { _index, _id, _source } = await scene.find(records.at(-1));
  const record = parseRecord(records.at(-1) ?? '');
  record.attributes['audit.actor.id'] = 'telegram:666';
  const edited = structuredClone(_source) as { attributes: Record<string, unknown> };
  edited.attributes['audit.actor.id'] = 'telegram:666';
  await scene.administer('DELETE', `/${_index}/_doc/${_id}`);
  await scene.administer('POST', `/${scene.records}/_create/${idOf(record)}`, edited);
  expect((await scene.errors()).found).toEqual([`changed ${records.length}`]);
});

test('a record that was forged and put in', async () => {
  const scene = await Scene.open('forged');
  const { records } = await scene.run(12);
  const forged = parseRecord(records[6] ?? '');
  forged.attributes['audit.record.id'] = '00000000-0000-4000-8000-000000000000';
  forged.attributes['audit.actor.id'] = 'telegram:666';
  await scene.administer('POST', `/${scene.records}/_create/${idOf(forged)}`, documentOf(forged, 'forged', records[0]));
  const { found, said } = await scene.errors();
  expect(found).toEqual(['added 7']);
  expect(said).toContain('record 7: not part of the chain');
});

test('a whole stream that was forged and put in, which nobody has signed', async () => {
  const scene = await Scene.open('invented');
  await scene.run(3);
  const other = new SignedJournal();
  onTestFinished(() => other.remove());
  const { records, id } = await other.run(3, { env: { OTEL_SERVICE_NAME: 'payments' } });
  for (const line of records) {
    const record = parseRecord(line);
    await scene.administer(
      'POST',
      `/${scene.records}/_create/${idOf(record)}`,
      documentOf(record, 'invented', records[0]),
    );
  }
  const { found, said } = await scene.errors();
  expect(found).toEqual(['unsigned 1']);
  expect(said).toContain(`"stream":"${id}"`);
});

test('an index that was dropped', async () => {
  const scene = await Scene.open('dropped');
  await scene.administer('POST', `/${scene.records}/_rollover`);
  const { records, id } = await scene.run(12);
  const { _index } = await scene.find(records[6]);
  await scene.administer('POST', `/${scene.records}/_rollover`);
  await scene.run(3);
  await scene.administer('DELETE', `/${_index}`);
  const { found, said } = await scene.errors();
  expect(found).toContain('removed 1');
  expect(found).toContain('document -');
  expect(said).toContain(`records 1 to ${records.length}: missing, and with it the whole stream`);
  expect(said).toContain('backing index 2 is gone, and later ones are there: it was removed by somebody');
  expect(said).toContain(id);
});

test('an old record that was played again', async () => {
  const scene = await Scene.open('replayed');
  const { records } = await scene.run(12);
  const { _source } = await scene.find(records[6]);
  await scene.administer('POST', `/${scene.records}/_create/again`, _source as object);
  const { found, said } = await scene.errors();
  expect(found).toEqual(['document 7', 'document 7']);
  expect(said).toContain('stands twice, once under an id that is not its own');
});

test('records in the name of another', async () => {
  const scene = await Scene.open('stranger');
  await scene.run(3);
  const { id, records } = await scene.run(3, 'token-of-the-till');
  const { found, said } = await scene.errors(['--services', 'payments=payments']);
  expect(found.filter((finding) => finding.startsWith('principal'))).toContain('principal 1');
  expect(said).toContain(
    `"stream":"${id}","number":1,"lastNumber":${records.length},"kind":"principal","severity":"error","message":"records 1 to ${records.length}: came with the credential of till, in the name of service payments"`,
  );
  // Where nothing says who may, it is told all the same.
  expect((await scene.verify()).stdout).toContain('till wrote in the name of payments');
});

test('a record that Elasticsearch refused is found with the rejected ones', async () => {
  const scene = await Scene.open('rejected');
  const { records, id } = await scene.run(3);
  const { _index, _id } = await scene.find(records[2]);
  await scene.administer('DELETE', `/${_index}/_doc/${_id}`);
  const rejected = { type: 'document_parsing_exception', reason: 'a test', original: records[2] };
  await scene.administer('POST', `/logs-audit.rejected-rejected/_create/${_id}?refresh`, {
    '@timestamp': new Date().toISOString(),
    rejected,
  });
  const { found, said } = await scene.errors();
  expect(found).toEqual([]);
  expect(said).toContain(`"stream":"${id}","number":3,"kind":"rejected"`);
});

test('Elasticsearch that is stopped is no sink that is right', async () => {
  const scene = await Scene.open('stopped');
  await scene.run(1);
  const { code, stdout, stderr } = await botaudit(['verify', '--elasticsearch', 'http://127.0.0.1:9']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/nothing was verified: Elasticsearch, .* can't be asked: ECONNREFUSED/);
});

/** A document of a record, as somebody who knows how would make it up. @param opened the record that opened its stream. */
function documentOf(record: AuditRecord, namespace: string, opened: string | undefined): object {
  const resource = parseRecord(opened ?? '').body?.resource as Record<string, string>;
  const ingest = { namespace, principal: 'payments', at: new Date().toISOString() };
  return JSON.parse(new DocumentWriter(resource, ingest).write(record)) as object;
}

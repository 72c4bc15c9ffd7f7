// Memory of the indexer while Elasticsearch is stopped and senders go on.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { jsonRequest, protobufRequest } from '../../../packages/indexer/test/support/otlp.ts';
import { createApiKey } from '../../../scripts/stack/parts/elasticsearch-keys.ts';
import { Indexer, indexer } from '../../../scripts/stack/parts/indexer.ts';
import { installed } from '../../stack/installed.ts';
import { bearer } from '../../stack/sending.ts';
import type { Section } from '../report.ts';
import { withParts } from './parts.ts';
import { post } from './posting.ts';
import { deletions, RESOURCE } from './requests.ts';

const SECONDS = 25;
const LIMIT = 200e6;
const JSON_TYPE = { 'content-type': 'application/json' };
const GZIP = { 'content-encoding': 'gzip' };

interface Load {
  readonly what: string;
  readonly records: number;
  readonly senders: number;
  readonly isPatient: boolean;
  readonly encoding: 'json' | 'json, gzip' | 'protobuf, gzip';
}

const LOADS: readonly Load[] = [
  { what: 'as collectors send', records: 1_000, senders: 20, isPatient: true, encoding: 'protobuf, gzip' },
  { what: 'who honour `Retry-After`', records: 1_000, senders: 20, isPatient: true, encoding: 'json' },
  { what: 'who honour `Retry-After`', records: 5_000, senders: 20, isPatient: true, encoding: 'json' },
  { what: 'who send at once again', records: 1_000, senders: 64, isPatient: false, encoding: 'json' },
  { what: 'who send at once again', records: 1_000, senders: 64, isPatient: false, encoding: 'json, gzip' },
];

function request({ encoding, records }: Load): { headers: Record<string, string>; body: Uint8Array } {
  if (encoding === 'protobuf, gzip') {
    const body = gzipSync(protobufRequest(deletions(records), RESOURCE));
    return { headers: { 'content-type': 'application/x-protobuf', ...GZIP }, body };
  }
  const body = Buffer.from(JSON.stringify(jsonRequest(deletions(records), RESOURCE)));
  return encoding === 'json'
    ? { headers: JSON_TYPE, body }
    : { headers: { ...JSON_TYPE, ...GZIP }, body: gzipSync(body) };
}

/** Resident memory of a process, now and at most, in bytes. */
async function resident(pid: number): Promise<{ now: number; most: number }> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1_024;
  return { now: of('VmRSS'), most: of('VmHWM') };
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);

export async function memory(): Promise<Section> {
  return withParts(['elasticsearch', 'indexer'], async ({ elasticsearch, part, folder }) => {
    const program = await installed(indexer);
    const apiKey = await createApiKey(elasticsearch, 'audit-writer');
    const running: Indexer[] = [];
    try {
      for (const index of LOADS.keys()) {
        const own = join(folder, `indexer-${index}`);
        await mkdir(own);
        running.push(
          await Indexer.start({ installed: program, folder: own, elasticsearch: elasticsearch.url, apiKey }),
        );
      }
      await part('elasticsearch').stop();
      const rows: string[][] = [];
      let most = 0;
      for (const [index, load] of LOADS.entries()) {
        const { url, token, pid } = running[index] as Indexer;
        const before = (await resident(pid)).now;
        const { headers, body } = request(load);
        const file = join(folder, `body-${index}`);
        await writeFile(file, body);
        const { senders: connections, isPatient } = load;
        const all = { ...headers, ...bearer(token) };
        const { statuses } = await post({ url, headers: all, files: [file], connections, seconds: SECONDS, isPatient });
        const after = await resident(pid);
        most = Math.max(most, after.most);
        rows.push([
          `${connections} senders ${load.what}`,
          `${load.records.toLocaleString('en')} records, ${load.encoding}, ${megabytes(body.length)} MB`,
          Object.entries(statuses)
            .map(([status, count]) => `${count} × ${status}`)
            .join(', '),
          megabytes(before),
          megabytes(after.now),
          megabytes(after.most),
        ]);
      }
      return {
        title: 'Memory of the indexer while Elasticsearch is stopped',
        method:
          `\`botaudit index\` as it is by default, a new one for each line, ${SECONDS} s of load on an Elasticsearch that was there and was ` +
          'stopped. Memory is the resident set in MB, before the load, at its end, and at most.',
        columns: ['senders', 'requests', 'answers', 'before', 'at the end', 'at most'],
        rows,
        goals: [{ promise: 'at most 200 MB resident', measured: `${megabytes(most)} MB`, met: most <= LIMIT }],
      };
    } finally {
      for (const one of running) await one.stop();
    }
  });
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';

const FOLDER = fileURLToPath(new URL('../../collector-config', import.meta.url));
const read = async (name: string) => parse(await readFile(join(FOLDER, name), 'utf8')) as CollectorFile;

type Section = Readonly<Record<string, unknown>>;
interface CollectorFile {
  readonly extensions?: Section;
  readonly receivers?: Section;
  readonly processors?: Section;
  readonly exporters?: Section;
  readonly service: {
    readonly extensions: readonly string[];
    readonly pipelines: Readonly<
      Record<string, { readonly receivers?: string[]; readonly processors?: string[]; readonly exporters: string[] }>
    >;
  };
}

// The one file that no collector here can validate, since its exporter can't be had.
test('collector.stock-elasticsearch.yaml names no component that it, or the base, does not define', async () => {
  const [base, stock] = await Promise.all(['collector.yaml', 'collector.stock-elasticsearch.yaml'].map(read));
  const defined = (section: 'extensions' | 'receivers' | 'processors' | 'exporters') =>
    Object.keys({ ...base?.[section], ...stock?.[section] });
  expect(defined('extensions').sort()).toEqual([...(stock?.service.extensions ?? [])].sort());
  for (const { receivers = [], processors = [], exporters } of Object.values(stock?.service.pipelines ?? {})) {
    expect(defined('receivers')).toEqual(expect.arrayContaining(receivers));
    expect(defined('processors')).toEqual(expect.arrayContaining(processors));
    expect(defined('exporters')).toEqual(expect.arrayContaining(exporters));
  }
  const exporter = stock?.exporters?.elasticsearch as { readonly sending_queue: { readonly storage: string } };
  expect(defined('extensions')).toContain(exporter.sending_queue.storage);
});

test('filebeat.yml reads segments, and writes where the templates are, through the pipeline that is tested', async () => {
  const filebeat = parse(await readFile(join(FOLDER, 'filebeat/filebeat.yml'), 'utf8')) as {
    'filebeat.inputs': readonly { paths: readonly string[] }[];
    'output.elasticsearch': { index: string; pipeline: string };
  };
  expect(filebeat['filebeat.inputs'].flatMap(({ paths }) => paths)).toEqual([
    expect.stringMatching(/\[0-9\]\*\.ndjson$/),
  ]);
  expect(filebeat['output.elasticsearch']).toMatchObject({
    index: 'logs-audit.otel-default',
    pipeline: 'botaudit-journal',
  });
});

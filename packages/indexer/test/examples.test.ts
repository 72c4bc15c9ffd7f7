import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { loadIndexerConfig } from '../src/index.js';

test('the example of an indexer that reads from Kafka is right', async () => {
  const folder = await temporaryFolder();
  const example = await readFile(new URL('../../../collector-config/indexer.kafka.yaml', import.meta.url), 'utf8');
  const file = join(folder, 'botaudit-indexer.yaml');
  // The files that it names are those of another machine.
  const password = join(folder, 'password');
  await writeFile(password, 'secret');
  await writeFile(
    file,
    example.replace('/run/secrets/kafka-password', password).replace(/^ {2}certificate: .*\n/m, ''),
  );
  const { receiver, kafka, warnings } = loadIndexerConfig({ env: {}, cwd: folder });
  expect(receiver).toBeUndefined();
  expect(kafka).toMatchObject({ topic: 'audit', group: 'audit-indexer', credentials: { username: 'audit-indexer' } });
  expect(kafka?.brokers).toHaveLength(3);
  expect(warnings).toEqual([]);
});

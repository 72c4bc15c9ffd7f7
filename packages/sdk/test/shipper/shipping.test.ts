import { describe, expect, test } from 'vitest';
import { shipDirectory } from '../../src/shipper/index.js';
import { TestStream, temporaryFolder } from './journal.ts';
import { Sink } from './sink.ts';

describe.each(['http/json', 'http/protobuf'] as const)('over %s', (protocol) => {
  test.each(['none', 'gzip'] as const)(
    'every record arrives byte for byte, in order, once (compression: %s)',
    async (compression) => {
      const directory = temporaryFolder();
      const stream = new TestStream(directory).open().fill(1_500);
      const sink = await Sink.start();
      const report = await shipDirectory({
        directory,
        endpoint: { url: sink.url, protocol, compression },
        mode: 'once',
      });
      expect(report).toEqual({ exported: 1_501, rejected: 0, remaining: 0 });
      expect(sink.taken).toEqual(stream.lines);
    },
  );
});

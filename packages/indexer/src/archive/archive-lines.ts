import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';

/** A line of an archive's file. */
export interface ArchiveLine {
  readonly bytes: Buffer;
  /** From 1. */
  readonly number: number;
}

/** A line with more bytes is no request that any collector took. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines of a file that are not empty, whole or not; one that ends in `.gz` or `.zst` is decompressed.
 *
 * @throws {Error} when the file can't be read to its end, or holds a line that is far too long.
 */
export async function* archiveLines(file: string): AsyncGenerator<ArchiveLine> {
  let number = 1;
  let pieces: Buffer[] = [];
  let length = 0;
  const line = () => {
    const bytes = pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces, length);
    pieces = [];
    length = 0;
    return { bytes, number };
  };
  for await (const chunk of contentOf(file) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      pieces.push(chunk.subarray(start, end));
      length += end - start;
      start = end + 1;
      const whole = line();
      if (whole.bytes.length > 0) yield whole;
      number++;
    }
    pieces.push(chunk.subarray(start));
    length += chunk.length - start;
    if (length > MAX_LINE_BYTES) throw new Error(`line ${number} has more than ${MAX_LINE_BYTES} bytes`);
  }
  const last = line();
  if (last.bytes.length > 0) yield last;
}

function contentOf(file: string): Readable {
  const bytes = createReadStream(file);
  if (file.endsWith('.gz')) return through(bytes, createGunzip());
  return file.endsWith('.zst') ? through(bytes, createZstdDecompress()) : bytes;
}

function through(bytes: Readable, decompress: Readable & NodeJS.WritableStream): Readable {
  // An error of either ends the other, and whoever reads hears of it.
  pipeline(bytes, decompress, () => {});
  return decompress;
}

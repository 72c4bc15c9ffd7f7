import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { archiveOf, filesIn } from './support/archive.js';
import { linesOf } from './support/botaudit.js';
import { SignedJournal, type SignedStream } from './support/signed-journal.js';

let journal: SignedJournal;
let stream: SignedStream;
beforeEach(async () => {
  journal = new SignedJournal();
  stream = await journal.run(20);
});
afterEach(() => journal.remove());

const here = () => archiveOf(journal);
const segmentIn = (target: string, name = '00000001.ndjson') => join(target, 'streams', stream.id, name);

/** Turns one bit. */
function turn(path: string, position: number): void {
  const bytes = readFileSync(path);
  bytes[position]! ^= 1;
  writeFileSync(path, bytes);
}

describe('the restore check of a damaged archive', () => {
  test('names the object and the record of a byte that was turned', async () => {
    const { archive, check, target } = here();
    await archive();
    const path = segmentIn(target);
    turn(path, readFileSync(path, 'utf8').indexOf('account:7'));
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toContain(
      ` object: streams/${stream.id}/00000001.ndjson is not what was archived (SHA-256 differs), which held records 1 to 22`,
    );
    expect(stdout).toMatch(/ 9 changed: record 9: not the record that record 10 was chained to/);
  });

  test('names the object and the records of a compressed one, as far as it can be read, and the exit code says wrong', async () => {
    const lines = stream.records;
    const compressed = segmentIn(journal.directory, '00000001.ndjson.zst');
    writeFileSync(compressed, zstdCompressSync(lines.map((line) => `${line}\n`).join('')));
    rmSync(stream.segment);
    const { archive, check, target } = here();
    expect((await archive()).code).toBe(0);
    const path = segmentIn(target, '00000001.ndjson.zst');
    turn(path, Math.floor(readFileSync(path).length / 2));
    const { code, stdout } = await check();
    expect(code).toBe(1);
    expect(stdout).toMatch(/ object: streams\/\S+\.zst is not what was archived .*, which held records 1 to 22$/m);
  });

  test('misses an object, a page of the catalogue, and whatever else is taken away or changed', async () => {
    const { archive, check, target } = here();
    await archive();
    await journal.run(3);
    await archive();
    await journal.run(3);
    await archive();
    expect((await check()).code).toBe(0);
    const files = Object.keys(filesIn(target));
    expect(files.length).toBe(3 + 3 * 3);
    const newestPage = files.filter((name) => name.startsWith('catalogue/')).at(-1);
    for (const name of files) {
      // What the last run added can be taken away with the page that lists it: an object lock is against that.
      if (name === newestPage) continue;
      const path = join(target, name);
      const content = readFileSync(path);
      rmSync(path);
      expect.soft((await check()).code, `${name} taken away`).toBe(1);
      writeFileSync(path, content);
      turn(path, Math.floor(content.length / 2));
      expect.soft((await check()).code, `${name} changed`).not.toBe(0);
      writeFileSync(path, content);
    }
    expect((await check()).code).toBe(0);
  });

  test('never reads what a forged catalogue leads out of the archive to', async () => {
    const { archive, check, target } = here();
    await archive();
    const [page = ''] = readdirSync(join(target, 'catalogue'));
    const path = join(target, 'catalogue', page);
    const text = readFileSync(path, 'utf8');
    for (const name of ['../../etc/passwd', `streams/../${stream.id}`, '/etc/passwd', `streams/${stream.id}/..`]) {
      writeFileSync(path, text.replaceAll(`streams/${stream.id}/00000001.ndjson`, name));
      const { code, stdout } = await check();
      expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(/ is not a page of the catalogue$/m) });
    }
    for (const garbage of ['', '[]', 'null', '{"formatVersion":1}', '{"formatVersion":1,"objects":[null]}']) {
      writeFileSync(path, garbage);
      expect((await check()).code).toBe(1);
    }
    writeFileSync(path, '{"formatVersion":2}');
    const newer = await check();
    expect(newer).toMatchObject({ code: 2, stderr: expect.stringMatching(/format version 2, this botaudit knows 1/) });
    expect(linesOf(newer.stderr)).toHaveLength(1);
  });
});

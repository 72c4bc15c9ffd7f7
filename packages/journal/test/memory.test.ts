import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Loss } from '../src/index.js';
import { Child } from './child.js';
import { openWriter, readLines, sampleLines, temporaryFolder } from './sample.js';

const tick = () => new Promise((resolve) => setImmediate(resolve));

describe('durability memory', () => {
  it('writes within a tick, in order, and not before append returns', async () => {
    const writer = openWriter(temporaryFolder(), { durability: 'memory' });
    const lines = sampleLines(2000);
    for (const line of lines) writer.append(line);
    expect(writer.bytes).toBe(0);
    await expect.poll(() => readLines(writer.streamDirectory)).toEqual(lines);
    expect(writer.bytes).toBe(lines.reduce((sum, line) => sum + line.length + 1, 0));
  });

  it('has everything on disk after flush and after close, once, also what was under way', async () => {
    const writer = openWriter(temporaryFolder(), { durability: 'memory', segmentMaxBytes: 100_000 });
    const lines = sampleLines(3000);
    for (const [index, line] of lines.entries()) {
      writer.append(line);
      if (index % 500 === 250) await tick();
      if (index % 500 === 260) {
        writer.flush();
        expect(readLines(writer.streamDirectory)).toEqual(lines.slice(0, index + 1));
      }
    }
    await tick();
    writer.close();
    expect(readLines(writer.streamDirectory)).toEqual(lines);
    expect(readdirSync(writer.streamDirectory).filter((name) => name.endsWith('.ndjson')).length).toBeGreaterThan(5);
    await tick();
    expect(readLines(writer.streamDirectory)).toEqual(lines);
  });

  it('is written before a process ends that has nothing else to do', async () => {
    const child = Child.node('write.mjs', [temporaryFolder(), '{"durability":"memory"}', '500']);
    await child.printed(501);
    child.process.stdin!.end();
    expect(await child.end()).toBe(0);
    expect(readLines(child.lines[0]!)).toHaveLength(500);
  });

  it('refuses when too much waits, and loses nothing of what it took', async () => {
    const parent = temporaryFolder();
    const directory = join(parent, 'journal');
    writeFileSync(directory, 'in the way');
    const writer = openWriter(directory, { durability: 'memory' });
    const [line = ''] = sampleLines(1, { 'bot.text': 'x'.repeat(100_000) });
    let taken = 0;
    let code: string | undefined;
    while (code === undefined) {
      try {
        writer.append(line);
        taken++;
      } catch (error) {
        ({ code } = error as { code: string });
      }
    }
    expect(code).toBe('ENOBUFS');
    expect(taken).toBeGreaterThan(50);
    await tick();
    expect(() => writer.flush()).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
    rmSync(directory);
    writer.flush();
    expect(readLines(writer.streamDirectory)).toHaveLength(taken);
  });

  it('says what is lost when the end comes and the disk takes nothing', () => {
    const directory = join(temporaryFolder(), 'journal');
    writeFileSync(directory, 'in the way');
    const losses: Loss[] = [];
    const writer = openWriter(directory, { durability: 'memory', onLoss: (loss) => losses.push(loss) });
    for (const line of sampleLines(7)) writer.append(line);
    writer.close();
    expect(losses).toEqual([{ lines: 7, code: 'ENOTDIR' }]);
    expect(() => writer.append('late')).toThrow(expect.objectContaining({ code: 'ECLOSED' }));
  });

  it('goes on in a new segment where a file may grow no further, with no line twice', async () => {
    const script = `ulimit -f 40; exec "$0" "$@"`;
    const fixture = join(import.meta.dirname, 'fixtures', 'write.mjs');
    const args = [fixture, temporaryFolder(), '{"durability":"memory"}', '200'];
    const child = new Child('bash', ['-c', script, process.execPath, ...args]);
    await child.printed(201);
    const [streamDirectory = ''] = child.lines;
    await expect.poll(() => existsSync(join(streamDirectory, '00000004.ndjson'))).toBe(true);
    child.process.stdin!.end();
    expect(await child.end()).toBe(0);
    const numbers = readLines(streamDirectory).map(
      (line) => JSON.parse(line).Attributes['audit.sequence.number'].intValue,
    );
    expect(numbers).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    expect(readFileSync(join(streamDirectory, '00000001.ndjson')).at(-1)).not.toBe(10);
  });
});

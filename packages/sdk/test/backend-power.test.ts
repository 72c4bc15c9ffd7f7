import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { names, onlyStreamIn } from './journal-of.js';
import { directory, event, said, start, started, until } from './running-backend.js';

it('durability power is on record, and said', async () => {
  const backend = start({ BOTAUDIT_DURABILITY: 'power' });
  backend.write(event());
  await backend.shutdown();
  expect(onlyStreamIn(directory)[0]?.body).toMatchObject({ durability: 'power' });
  expect(said[0]).toContain(', synced to the disk in the background; ');
});

describe('a disk that takes what is written and fails to keep it', { timeout: 120_000 }, () => {
  let mounted: string[] = [];
  let disk: string;
  const mount = (folder: string, args: readonly string[]) => {
    mkdirSync(folder);
    execFileSync('mount', [...args, folder], { stdio: 'ignore' });
    mounted.push(folder);
  };
  beforeEach(() => {
    disk = join(directory, 'disk');
    try {
      const memory = join(directory, 'memory');
      mount(memory, ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs']);
      const image = join(memory, 'image');
      writeFileSync(image, '');
      truncateSync(image, 64 * 1024 * 1024);
      execFileSync('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', image], { stdio: 'ignore' });
      mount(disk, ['-o', 'loop', image]);
    } catch {
      disk = ''; // Not allowed to here.
    }
  });
  afterEach(async () => {
    for (const backend of started.splice(0)) await backend.shutdown();
    for (const folder of mounted.reverse()) execFileSync('umount', ['-l', folder]);
    mounted = [];
  });

  it('has the records that are in doubt counted, said, and put on the chain, none of them as lost', async ({
    skip,
  }) => {
    if (!disk) skip('needs the right to mount');
    const journal = join(disk, 'journal');
    const backend = start({ BOTAUDIT_DURABILITY: 'power', BOTAUDIT_DIR: journal, BOTAUDIT_MIN_FREE_BYTES: '0' });
    let written = 0;
    const write = () => {
      backend.write(event({ attributes: { padding: 'x'.repeat(10_000) } }));
      return ++written;
    };
    while (written < 600) write();
    await until(() => {
      write();
      return said.some((line) => line.includes('THE DISK DOES NOT KEEP WHAT IS WRITTEN'));
    }, 60_000);
    write();
    await backend.shutdown();
    const records = onlyStreamIn(journal);
    // All that was written is there to be read.
    expect(names(records).filter((name) => name === 'bot.message.send')).toHaveLength(written);
    const told = records.find(({ eventName }) => eventName === 'audit.records.lost');
    expect(told?.attributes['audit.outcome']).toBe('unknown');
    expect(told?.body).toMatchObject({
      records: 0,
      reasons: [],
      unsynced: [{ reason: expect.stringMatching(/^(ENOSPC|EIO)$/), records: expect.any(Number) }],
    });
    const [stream = ''] = readdirSync(join(journal, 'streams'));
    const metrics = readFileSync(join(journal, 'streams', stream, 'metrics.json'), 'utf8');
    expect(metrics).toMatch(/"audit_records_unsynced_total".*"value":[1-9]\d*,"labels":\{"reason":"(ENOSPC|EIO)"/s);
  });
});

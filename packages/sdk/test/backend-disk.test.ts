import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AuditUnavailableError } from '@botaudit/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { names, onlyStreamIn } from './journal-of.js';
import { directory, event, said, start, started, until } from './running-backend.js';

describe('a disk that is full', () => {
  let mounted = false;
  beforeEach(() => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', directory], { stdio: 'ignore' });
      mounted = true;
    } catch {
      mounted = false; // Not allowed to here.
    }
  });
  afterEach(async () => {
    for (const backend of started.splice(0)) await backend.shutdown();
    if (mounted) execFileSync('umount', ['-l', directory]);
  });

  it('that stays full to the end has what was lost said, since it cannot be recorded', async ({ skip }) => {
    if (!mounted) skip('needs the right to mount');
    const backend = start();
    backend.write(event());
    let lost = 0;
    for (let index = 0; index < 100; index++) {
      try {
        backend.write(event({ attributes: { padding: 'x'.repeat(10_000) } }));
      } catch {
        lost++;
      }
    }
    expect(lost).toBeGreaterThan(10);
    await backend.shutdown();
    expect(said.at(-1)).toMatch(/^\d+ records were lost, which could not be put on record before the end$/);
  });

  it('costs records, which are counted, and are on the chain when there is room again', async ({ skip }) => {
    if (!mounted) skip('needs the right to mount');
    const filler = join(directory, 'filler');
    const backend = start();
    backend.write(event());
    writeFileSync(filler, Buffer.alloc(200_000));
    let lost = 0;
    for (let index = 0; index < 100; index++) {
      try {
        backend.write(event({ attributes: { padding: 'x'.repeat(10_000) } }));
      } catch (error) {
        expect(error).toBeInstanceOf(AuditUnavailableError);
        expect((error as Error).cause).toMatchObject({ code: 'ENOSPC' });
        lost++;
      }
    }
    expect(lost).toBeGreaterThan(10);
    rmSync(filler);
    await until(() => {
      try {
        return backend.write(event({ name: 'after.loss' }));
      } catch {
        lost++;
        return undefined;
      }
    });
    await backend.shutdown();
    const records = onlyStreamIn(directory);
    const loss = records.findIndex(({ eventName }) => eventName === 'audit.records.lost');
    expect(names(records).slice(loss)).toEqual(['audit.records.lost', 'after.loss', 'audit.stream.closed']);
    expect(records[loss]?.body).toMatchObject({ records: lost, reasons: [{ reason: 'ENOSPC', records: lost }] });
    expect(records[loss]?.attributes['audit.outcome']).toBe('failure');
    expect(said.join('\n')).toContain('RECORDS ARE BEING LOST (ENOSPC)');
    const metrics = readFileSync(
      join(directory, 'streams', readdirSync(join(directory, 'streams'))[0] as string, 'metrics.json'),
      'utf8',
    );
    expect(metrics).toContain(`{"value":${lost},"labels":{"reason":"ENOSPC"}}`);
  });
});

describe('a folder that cannot be written', () => {
  it('never stops the bot: the next one is taken, and it is said and recorded', async () => {
    const file = join(directory, 'file');
    writeFileSync(file, '');
    const backend = start({ BOTAUDIT_DIR: join(file, 'journal') });
    backend.write(event());
    await backend.shutdown();
    const [opened] = onlyStreamIn(join(directory, '.botaudit'));
    expect(opened?.body).toMatchObject({
      directory: { kind: 'working-folder', problem: expect.stringContaining('cannot be written') },
    });
    expect(said[0]).toContain(`${join(file, 'journal')} cannot be written`);
  });
});

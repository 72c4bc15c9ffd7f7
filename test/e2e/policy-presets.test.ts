import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PRESETS } from '@botaudit/sdk';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { verifyJournal } from '../support/verify.ts';
import { botaudit } from './support/cli.ts';
import { ofEvent, type PlainRecord, readRecords } from './support/records.ts';

/** The evening of the sample bot, the same each time. */
const EVENING = fileURLToPath(new URL('../../scripts/demo/run.ts', import.meta.url));

/** The journal of an evening. */
async function evening(cwd: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  await promisify(execFile)(process.execPath, [EVENING], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, INIT_CWD: cwd, BOTAUDIT_METRICS: 'off', ...env },
  });
  return join(cwd, '.botaudit');
}

/** How many records there are of each event of the bot. */
function counts(records: readonly PlainRecord[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const { event } of records) if (!event.startsWith('audit.')) found[event] = (found[event] ?? 0) + 1;
  return found;
}

test('what a dry run says of each preset is what a bot then records', { timeout: 240_000 }, async () => {
  const usual = await evening(await temporaryFolder());
  for (const preset of Object.keys(PRESETS)) {
    const wanted = await foretold(usual, preset);
    const journal = await evening(await temporaryFolder(), { BOTAUDIT_POLICY_PRESET: preset });
    const records = await readRecords(journal);
    expect(counts(records), preset).toEqual(wanted);
    expect(ofEvent(records, 'audit.policy.loaded')[0]?.body).toMatchObject({ preset });
    expect(await verifyJournal(journal), preset).toMatchObject({ intact: true });
    expect(wanted['bot.member.ban']).toBeGreaterThan(1);
    expect(wanted['bot.message.send'] === undefined).toBe(preset === 'minimal');
  }
});

/** How many records there would be of each event, by a dry run. */
async function foretold(journal: string, preset: string): Promise<Record<string, number>> {
  const file = join(await temporaryFolder(), 'botaudit.yaml');
  await writeFile(file, `policy: { preset: ${preset} }\n`);
  const { code, stdout, stderr } = await botaudit('policy', 'dry-run', journal, '--json', '--config', file);
  expect({ code, stderr }, preset).toEqual({ code: 0, stderr: '' });
  const { by_rule: tallies } = JSON.parse(stdout) as { by_rule: { event: string; kept: number; added: number }[] };
  const found: Record<string, number> = {};
  for (const { event, kept, added } of tallies) {
    if (kept + added > 0) found[event] = (found[event] ?? 0) + kept + added;
  }
  return found;
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AuditRecord } from '@botaudit/record';
import { expect, type TestContext, test } from 'vitest';
import { BotRun, fixture } from '../e2e/support/bot-run.ts';
import { startTelegram } from '../e2e/support/telegram.ts';
import type { Person } from '../platforms/telegram/index.ts';
import { eventually } from '../support/eventually.ts';
import { figure } from '../support/figure.ts';
import { readJournal } from '../support/journal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { verifyJournal } from '../support/verify.ts';
import { fillDisk, mountSmallDisk } from './disk.ts';

/** A bot in a group, whose journal is on a small disk of its own and whose policy has these rules. */
type Scene = Awaited<ReturnType<typeof begin>>;

async function begin(context: TestContext, ...rules: string[]) {
  const folder = await temporaryFolder();
  const disk = join(folder, 'disk');
  if (!(await mountSmallDisk(disk, 'size=32m'))) context.skip('mounting a file system is not allowed here');
  await writeFile(
    join(folder, 'botaudit.yaml'),
    `policy:\n  rules:\n${rules.map((rule) => `    - ${rule}\n`).join('')}journal:\n  min_free_bytes: 0\n`,
  );
  const telegram = await startTelegram();
  const account = telegram.addBot({ firstUpdateId: 100 });
  const alice = telegram.addUser({ name: 'Alice' });
  const people = ['Mallory', 'Trudy', 'Eve'].map((name) => telegram.addUser({ name }));
  const group = telegram.addGroup({ owner: alice, admins: [account], members: people });
  const directory = join(disk, 'journal');
  const start = () => BotRun.start(fixture('moderator.mjs'), { telegram, bot: account, cwd: folder, directory });
  const run = await start();
  await run.while(telegram.awaitPolling(account));
  /** Alice writes a command, in answer to what somebody wrote. */
  const command = (text: string, of?: Person) => alice.says(group, text, of && { replyTo: of.says(group, 'spam') });
  const status = (person: Person | undefined) => person && group.members.of(person.user).status;
  return { telegram, account, group, people, disk, directory, start, run, command, status };
}

const heard = (run: BotRun, what: string) =>
  run.while(eventually(`"${what}" on stderr`, () => run.stderr.includes(what) || undefined));

/** The records of a journal, of which a full disk may have torn the ends. */
async function recordsIn(directory: string): Promise<AuditRecord[]> {
  return (await readJournal(directory)).flatMap(({ records }) => records);
}

const named = (records: readonly AuditRecord[], name: string) => records.filter(({ eventName }) => eventName === name);

/** How many records were lost, by what the chain says. */
const lost = (records: readonly AuditRecord[]) =>
  named(records, 'audit.records.lost').reduce((sum, { body }) => sum + Number(body?.records), 0);

/** How often each event was refused, by what the chain says. */
function refused(records: readonly AuditRecord[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { body } of named(records, 'audit.actions.refused')) {
    for (const { event, reason, times } of (body as { refused?: Refused[] } | undefined)?.refused ?? []) {
      expect(reason).toBe('ENOSPC');
      sums[event] = (sums[event] ?? 0) + times;
    }
  }
  return sums;
}

interface Refused {
  readonly event: string;
  readonly reason: string;
  readonly times: number;
}

/** How the greeting bot of a group is asked until the disk is so full that it has to hold an update. */
async function askUntilHeld({ run, group, command }: Scene) {
  const greetings = () => group.messages.filter(({ text }) => text === 'Hello').length;
  const isHeld = () => run.stderr.includes('bot.command IS REFUSED (ENOSPC)');
  let asked = 0;
  // The last page of the journal takes a record or two yet.
  while (!isHeld()) {
    command('/hello');
    asked++;
    const count = asked;
    await run.while(eventually('an answer, or none', () => greetings() === count || isHeld() || undefined));
  }
  return { asked, greetings };
}

test('a full disk: no ban happens unrecorded, the bot lives on with what is harmless, and later all is as before', async (context) => {
  const scene = await begin(context, '{ risk: high, fail_closed: true }');
  const { telegram, group, people, disk, directory, run, command, status } = scene;
  const [mallory, trudy, eve] = people;
  const bans = () => telegram.log.of('banChatMember').length;
  const greetings = () => group.messages.filter(({ text }) => text === 'Hello').length;

  command('/ban', mallory);
  await run.while(telegram.until(() => status(mallory) === 'kicked'));
  expect(bans()).toBe(1);

  const empty = await fillDisk(disk);
  // The last page of the journal takes a record or two yet.
  while (!run.stderr.includes('RECORDS ARE BEING LOST (ENOSPC)')) {
    const before = greetings();
    command('/hello');
    await run.while(telegram.until(() => greetings() > before));
  }
  command('/ban', trudy);
  await heard(run, 'caught AuditUnavailableError: bot.member.ban could not be recorded');
  expect(run.stderr).toContain('bot.member.ban IS REFUSED (ENOSPC)');
  const before = greetings();
  command('/hello');
  await run.while(telegram.until(() => greetings() > before));
  expect(status(trudy)).toBe('member');
  expect(bans()).toBe(1);

  await empty();
  command('/ban', eve);
  await run.while(telegram.until(() => status(eve) === 'kicked'));
  command('/hello');
  await run.while(telegram.until(() => greetings() > before + 1));
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(bans()).toBe(2);
  expect(status(trudy)).toBe('member');

  const records = await recordsIn(directory);
  expect(named(records, 'audit.policy.loaded')).toHaveLength(1);
  expect(
    named(records, 'bot.member.ban').map(({ attributes: of }) => [of['bot.action.stage'], of['audit.outcome']]),
  ).toEqual([
    ['attempt', 'unknown'],
    ['outcome', 'success'],
    ['attempt', 'unknown'],
    ['outcome', 'success'],
  ]);
  expect(refused(records)).toEqual({ 'bot.member.ban': 1 });
  expect(lost(records)).toBeGreaterThan(0);
  const report = await verifyJournal(directory);
  expect(report).toMatchObject({ intact: true, exitCode: 0 });
  figure(
    `full disk, bans fail closed: 3 asked for, 2 made and recorded, 1 refused and on the chain; ${lost(records)} other records lost, on the chain; verify: no break`,
  );
});

test('a full disk: what fails closed as it arrives waits, and is handled once there is room', async (context) => {
  const scene = await begin(context, '{ event: bot.command, fail_closed: true }');
  const { telegram, account, disk, directory, run } = scene;
  const empty = await fillDisk(disk);
  const { asked, greetings } = await askUntilHeld(scene);
  expect(greetings()).toBe(asked - 1);
  expect(account.queue.pending).toHaveLength(1);
  await empty();
  await run.while(telegram.until(() => greetings() === asked && account.queue.polled));
  expect(account.queue.pending).toHaveLength(0);
  expect(await run.end('SIGTERM')).toEqual({ code: 0, signal: null });
  const records = await recordsIn(directory);
  expect(named(records, 'bot.command')).toHaveLength(asked);
  expect(Object.keys(refused(records))).toEqual(['bot.command']);
  expect(await verifyJournal(directory)).toMatchObject({ intact: true, exitCode: 0 });
});

test.for(['SIGKILL', 'SIGTERM'] as const)(
  'a bot that %s ends while an update waits for room on the disk gets it again, once',
  async (signal, context) => {
    const scene = await begin(context, '{ event: bot.command, fail_closed: true }');
    const { telegram, account, disk, directory, start, run } = scene;
    const empty = await fillDisk(disk);
    const { asked, greetings } = await askUntilHeld(scene);
    await run.end(signal);
    expect(greetings()).toBe(asked - 1);
    expect(account.queue.pending).toHaveLength(1);
    await empty();
    const next = await start();
    await next.while(telegram.until(() => greetings() === asked && account.queue.polled));
    expect(account.queue.pending).toHaveLength(0);
    expect(await next.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(named(await recordsIn(directory), 'bot.command')).toHaveLength(asked);
    expect(await verifyJournal(directory)).toMatchObject({ intact: true, exitCode: 0 });
  },
);

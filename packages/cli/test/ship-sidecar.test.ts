import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadCursor } from '@botaudit/journal';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isRoot, rootOnly } from '../../journal/test/child.js';
import { botaudit, linesOf, Running } from './support/botaudit.js';
import { OtlpSink } from './support/otlp-sink.js';
import { TestJournal } from './support/test-journal.js';

/** The group that bot and sidecar have in common, and the sidecar's user. Neither needs a name. */
const GROUP = 60_000;
const SIDECAR = { uid: 65_534, gid: GROUP, cwd: '/' };

let journal: TestJournal;
let sink: OtlpSink;
beforeEach(async () => {
  journal = new TestJournal();
  sink = await OtlpSink.listen();
  // As a volume is given to the group of a pod.
  mkdirSync(journal.directory);
  if (isRoot) chownSync(journal.directory, 0, GROUP);
  chmodSync(journal.directory, 0o2770);
  chmodSync(journal.folder, 0o755);
});
afterEach(() => {
  sink.close();
  journal.remove();
});

const open = () => journal.open(undefined, { groupRead: true });
const args = (...more: string[]) => ['ship', '--dir', journal.directory, '--endpoint', sink.url, ...more];

// Two users who share a group take somebody who can be both.
describe.skipIf(!isRoot)(`a sidecar with another uid${rootOnly}`, () => {
  test('ships what is written, and what was left, and remembers how far it got', async () => {
    const left = open();
    const ids = [left.write()];
    left.abandon();
    const live = open();
    const running = new Running(args(), SIDECAR);
    ids.push(live.write());
    await running.until(() => ids.every((id) => sink.text.includes(id)));
    ids.push(live.write());
    await running.until(() => ids.every((id) => sink.text.includes(id)));
    running.child.kill('SIGTERM');
    const { code, stderr, stdout } = await running.ended;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'shipped 5, rejected 0, remaining 0\n' });
    expect(linesOf(stderr)).toHaveLength(1);
    for (const { directory, lines } of [left, live]) expect(loadCursor(directory)?.number).toBe(lines.length);
    // Once more, one shot: nothing is left but what came since.
    const last = live.write();
    live.close();
    const once = await botaudit(args('--once', '--json'), SIDECAR);
    expect(JSON.parse(once.stdout)).toEqual({ exported: 2, rejected: 0, remaining: 0, unreadable: 0 });
    expect(once.code).toBe(0);
    expect(sink.text).toContain(last);
  });

  test('puts aside what is refused, and sends it again when it is told to', async () => {
    const stream = open();
    const bad = stream.write();
    stream.close();
    sink.refused = bad;
    expect((await botaudit(args('--once'), SIDECAR)).code).toBe(1);
    const file = join(stream.directory, 'rejected.ndjson');
    expect(statSync(file)).toMatchObject({ uid: SIDECAR.uid, gid: GROUP });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    sink.refused = undefined;
    const again = await botaudit(args('--rejected'), SIDECAR);
    expect(again).toMatchObject({ code: 0, stdout: 'shipped 1, rejected 0, remaining 0\n' });
    expect(readdirSync(stream.directory).filter((name) => name.startsWith('rejected'))).toEqual([]);
  });

  test('can neither change nor remove what the bot wrote', () => {
    const stream = open();
    stream.write();
    const segment = join(stream.directory, '00000001.ndjson');
    const before = readFileSync(segment);
    for (const command of [
      ['rm', '-f', segment],
      ['mv', segment, `${segment}.away`],
      ['sh', '-c', `echo >> ${segment}`],
      ['sh', '-c', `echo > ${segment}.own && mv ${segment}.own ${segment}`],
      ['rm', '-rf', stream.directory],
    ]) {
      expect(spawnSync(command[0]!, command.slice(1), SIDECAR).status, command.join(' ')).not.toBe(0);
    }
    expect(readFileSync(segment)).toEqual(before);
  });
});

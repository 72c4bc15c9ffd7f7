import { spawnSync } from 'node:child_process';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { s3 } from '../../scripts/stack/parts/s3.ts';
import { eventually } from '../support/eventually.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTerminal, onTerminal, terminalOnly } from '../support/terminal.ts';
import { installed } from './installed.ts';
import { exportRequest, post } from './sending.ts';
import { gone, ToolRun, writtenPid } from './tool-run.ts';

const ESCAPE = '\u001b[';

const up = (run: ToolRun) =>
  Promise.race([
    eventually('the stack', () => run.stdout.includes('\n') || undefined),
    run.ended.then(({ stderr }) => Promise.reject(new Error(stderr))),
  ]);

test('prints what a bot needs and what to try, without colours, and leaves nothing after Ctrl-C', async () => {
  const parent = await temporaryFolder();
  const run = new ToolRun('run', ['collector'], { TMPDIR: parent });
  const archive = await eventually('the addresses', () => /archive +(.*)\n.*log/.exec(run.stdout)?.[1]);
  const url = /ENDPOINT='(.*)'/.exec(run.stdout)?.[1] ?? '';
  const [, name = '', value = ''] = /HEADERS='(.*)=(.*)'/.exec(run.stdout) ?? [];
  expect(await post(url, exportRequest(1).logs, { [name]: decodeURIComponent(value) })).toBe(200);
  expect(await readdir(dirname(archive))).toEqual(['audit.jsonl']);

  const [, file = ''] = /^ {2}\. (.*\/env)$/m.exec(run.stdout) ?? [];
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const told = spawnSync('sh', ['-c', `. ${file}; echo "$OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT"`], { encoding: 'utf8' });
  expect(told.stdout).toBe(`${url}\n`);
  expect(run.stdout).toMatch(/^ {2}npm start$/m);
  const [, command = ''] = new RegExp(`^ {2}(tail .*${archive})$`, 'm').exec(run.stdout) ?? [];
  expect(spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout).toContain('resourceLogs');

  run.signal('SIGINT');
  const { code, stdout, stderr } = await run.ended;
  expect(code).toBe(0);
  expect(stderr).toMatch(/^ {2}collector: \d+ s\n {2}stop: \d+ s\n$/);
  expect(stdout + stderr).not.toContain(ESCAPE);
  expect(await readdir(parent)).toEqual([]);
  expect(await post(url, exportRequest(1).logs)).toBe(0);
});

test.skipIf(!hasTerminal)(`on a terminal it shows what goes on, and headings${terminalOnly}`, async () => {
  const parent = await temporaryFolder();
  const folder = await temporaryFolder();
  // Ends as soon as it is there, so that the stack ends as well.
  const fake = await fakeS3(folder, 'server.listen(port, host, () => setTimeout(() => process.exit(5), 1500));');
  const { NO_COLOR, CI, ...env } = process.env;
  const command = [process.execPath, 'scripts/stack/run.ts', 's3'];
  const stdout = onTerminal(60, command, { ...env, TMPDIR: parent, BOTAUDIT_VERSITYGW: fake });
  expect(stdout).toContain(`\r${ESCAPE}2K  s3 … 0 s`);
  expect(stdout).toContain(`${ESCAPE}1mThe stack is up.`);
  expect(stdout).toContain('S3 with Object Lock (versitygw) has ended by itself: exit code 5.');
  expect(await readdir(parent)).toEqual([]);
});

test('--json prints one line for programs', async () => {
  const run = new ToolRun('run', ['--json', 'collector', 's3']);
  await up(run);
  const { env, envFile, parts } = JSON.parse(run.stdout);
  expect(env.OTEL_EXPORTER_OTLP_AUDIT_ENDPOINT).toBe(parts.collector.auditEndpoint);
  expect(await readFile(envFile, 'utf8')).toContain(parts.collector.bearerToken);
  expect(Object.keys(parts)).toEqual(['collector', 's3']);
  expect(parts.s3).toMatchObject({ address: expect.stringMatching(/^http:/), accessKey: expect.any(String) });
  run.signal('SIGTERM');
  expect(await run.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\{.*\}\n$/) });
});

test('says how it is used', async () => {
  const { code, stdout, stderr } = await new ToolRun('run', ['--help']).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Usage: npm run stack \[-- \[options\] \[part…\]\]\n/);
  for (const word of ['kafka', '--json', 'BOTAUDIT_OTELCOL', 'BOTAUDIT_STACK_FASTER']) expect(stdout).toContain(word);
});

test.each<[string, string[], NodeJS.ProcessEnv, RegExp]>([
  [
    'an option that it does not have',
    ['--fast'],
    {},
    /^Unknown option '--fast'\. What there is: npm run stack -- --help$/,
  ],
  ['a part that there is not', ['redis'], {}, /^There is no part redis\. The parts are: elasticsearch, .*kafka$/],
  ['an indexer without Elasticsearch', ['indexer'], {}, /The indexer needs Elasticsearch: npm run stack -- elastic/],
  [
    'a program that is named and is none',
    ['s3'],
    { BOTAUDIT_VERSITYGW: '/none' },
    /^BOTAUDIT_VERSITYGW names \/none, which is no/,
  ],
  [
    'a pace that is none',
    ['prometheus'],
    { BOTAUDIT_STACK_FASTER: 'x' },
    /BOTAUDIT_STACK_FASTER is x; a number from 1/,
  ],
])('%s is told, and nothing is left', async (_what, args, env, message) => {
  const parent = await temporaryFolder();
  const { code, stdout, stderr } = await new ToolRun('run', args, { TMPDIR: parent, ...env }).ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).toMatch(new RegExp(message.source, 'm'));
  expect(await readdir(parent)).toEqual([]);
});

test('a part that is not installed is told, with what installs it', async () => {
  const env = { PATH: '/bin:/usr/bin', BOTAUDIT_CACHE_DIR: await temporaryFolder(), BOTAUDIT_VERSITYGW: '' };
  const { code, stderr } = await new ToolRun('run', ['s3'], env).ended;
  expect(code).toBe(1);
  expect(stderr).toBe('S3 with Object Lock (versitygw) is not installed. Run: npm run stack:install -- s3\n');
});

/** A program in the place of the S3 server, which has `server`, `host` and `port` to listen at. */
async function fakeS3(folder: string, code: string): Promise<string> {
  const path = join(folder, 'versitygw');
  const text = `#!${process.execPath}
const [, host, port] = /--port=(.*):(.*?)$/.exec(process.argv[2]);
const server = require('node:http').createServer((_, response) => response.end());
require('node:fs').writeFileSync(${JSON.stringify(join(folder, 'pid'))}, String(process.pid));
${code}
`;
  await writeFile(path, text);
  await chmod(path, 0o755);
  return path;
}

/** A run with that program, and where its folder and the cache are. */
async function runWith(code: string) {
  const [folder, parent, cache] = [await temporaryFolder(), await temporaryFolder(), await temporaryFolder()];
  const env = { BOTAUDIT_VERSITYGW: await fakeS3(folder, code), TMPDIR: parent, BOTAUDIT_CACHE_DIR: cache };
  return { run: new ToolRun('run', ['s3'], env), parent, cache, pid: () => writtenPid(join(folder, 'pid')) };
}

test('a part that does not start is told, with its last words and what to do; its log is kept', async () => {
  const { run, parent, cache } = await runWith(`console.error('no room for buckets'); process.exit(3);`);
  const { code, stderr } = await run.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /\(versitygw\) did not start: .*versitygw has ended: exit code 3\. The end of its log:\nno room for buckets\n/,
  );
  expect(stderr).toMatch(/^It takes 30 MB of memory\. To use one that you have: BOTAUDIT_VERSITYGW\. To leave it out/m);
  const log = /^All of its log: (.*)$/m.exec(stderr)?.[1] ?? '';
  expect(log).toBe(join(cache, 's3/failed-start.log'));
  expect(await readFile(log, 'utf8')).toBe('no room for buckets\n');
  expect(await readdir(parent)).toEqual([]);
});

test('a port that somebody else was faster at costs another try', async () => {
  const { path } = await installed(s3);
  const { run, pid } = await runWith(`
const once = __filename + '.once';
if (!require('node:fs').existsSync(once)) {
  require('node:fs').writeFileSync(once, '');
  console.error('listen tcp: bind: address already in use');
  process.exit(1);
}
const child = require('node:child_process').spawn(${JSON.stringify(path)}, process.argv.slice(2), { stdio: 'inherit' });
process.on('SIGTERM', () => child.kill());
child.on('exit', () => process.exit(0));`);
  await up(run);
  expect(run.stdout).toMatch(/log +.*s3-2\/s3\.log$/m);
  run.signal('SIGINT');
  expect((await run.ended).code).toBe(0);
  await gone(await pid());
});

test('Ctrl-C while a part starts ends it at once', async () => {
  const { run, parent, pid } = await runWith('setInterval(() => {}, 1000);');
  const process = await pid();
  run.signal('SIGINT');
  expect(await run.ended).toMatchObject({
    code: 130,
    stdout: '',
    stderr: expect.stringMatching(/^ {2}s3: interrupted after \d+ s\nInterrupted\.\n$/),
  });
  await gone(process);
  expect(await readdir(parent)).toEqual([]);
});

test('Ctrl-C again does not wait for a part that does not end', async () => {
  const { run, parent, pid } = await runWith(
    `process.on('SIGTERM', () => console.log('no')); server.listen(port, host);`,
  );
  await up(run);
  const log = /^ {2}log +(.*)$/m.exec(run.stdout)?.[1] ?? '';
  run.signal('SIGINT');
  await eventually('its answer', async () => (await readFile(log, 'utf8')).includes('no') || undefined);
  run.signal('SIGINT');
  expect((await run.ended).code).toBe(130);
  await gone(await pid());
  expect(await readdir(parent)).toEqual([]);
});

test('a part that ends by itself ends all', async () => {
  const { run, parent, pid } = await runWith(`server.listen(port, host);`);
  await up(run);
  process.kill(await pid(), 'SIGKILL');
  expect(await run.ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/\(versitygw\) has ended by itself: SIGKILL\. The end of its log:/),
  });
  expect(await readdir(parent)).toEqual([]);
});
